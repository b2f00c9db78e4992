import { PosternError } from '../kernel/errors.ts'
import type { Lab } from '../lab/face.ts'
import { readMail, type ReadMail } from '../mail/read.ts'
import { compare } from '../media/ears/compare.ts'
import { readWav, resampleTo8k } from '../media/wav.ts'
import { missingMail } from './blame.ts'
import { failed, type Found } from './checks.ts'
import type { MailResult } from './result.ts'
import type { Verbs } from './schema.ts'
import type { Watch } from './watch.ts'

/** What may have been said, by name. */
type Sounds = ReadonlyMap<string, Int16Array>

/** What the mail steps of one scenario share. */
export interface MailPorts {
  readonly lab: Lab
  readonly watch: Watch
  readonly sounds: Sounds
  /** Names of the mails that a step was satisfied with: each is there for one step only. */
  readonly taken: Set<string>
  readonly keep: (mail: MailResult) => void
}

/** The mail arrives and is what it should be; each thing it is not is named. */
export async function mailCheck(wanted: Verbs['mail'], ports: MailPorts): Promise<Found> {
  const { lab, watch, taken, keep } = ports
  const deadline = lab.clock.now() + wanted.within
  const seen = new Set<number>()
  for (;;) {
    const arrivals = (await mailsOf(wanted, lab)).filter((m) => m.mail.kind === wanted.kind)
    const found = arrivals.find((m) => !taken.has(m.name))
    if (found !== undefined) {
      taken.add(found.name)
      keep(resultOf(wanted.to, found))
      return judgeMail(wanted, found.mail, ports, Math.max(0, deadline - lab.clock.now()))
    }
    const arrived = await watch.until(
      (e) => e.type === 'exchange.mail' && !seen.has(e.seq),
      Math.max(0, deadline - lab.clock.now()),
    )
    if (arrived === undefined) {
      const expected = `${arrivals.length === 0 ? 'a' : 'another'} ${wanted.kind} mail for ${wanted.to}`
      return failed(expected, 'it did not arrive', missingMail(watch.events))
    }
    seen.add(arrived.seq)
  }
}

interface FoundMail {
  /** Unlike that of any other mail of the lab. */
  readonly name: string
  readonly mail: ReadMail
  readonly message: Uint8Array
}

function resultOf(mailbox: string, { mail, message }: FoundMail): MailResult {
  const { subject, text, headers, wav } = mail
  return { mailbox, message, subject, text, headers: [...headers], ...(wav === undefined ? {} : { recording: wav }) }
}

/** All that lies in the mailbox, oldest first. */
async function mailsOf({ to }: Pick<Verbs['mail'], 'to'>, lab: Lab): Promise<readonly FoundMail[]> {
  const found: FoundMail[] = []
  for (const { name, message } of await lab.mails(to)) found.push({ name, message, mail: await readMail(message) })
  return found
}

/** Limits of a faithful recording: the length as it was said within 0.3 s, the waveform after G.711 correlated at 0.9 or more. */
const faithful = { durationMs: 300, correlation: 0.9 }

interface Fault {
  readonly expected: string
  readonly observed: string
}

/** What one look at a mail came to: a fault, something to tell, or nothing to look at. */
type Look = Fault | string | undefined

async function judgeMail(
  wanted: Verbs['mail'],
  mail: ReadMail,
  { watch, sounds }: MailPorts,
  leftMs: number,
): Promise<Found> {
  const looks: readonly Look[] = [
    `${wanted.kind} mail "${mail.subject}"`,
    same('caller ', wanted.from, mail.caller),
    same('subject ', wanted.subject, mail.subject),
    await attemptsLook(wanted.attempts, mail, watch, leftMs),
    wholeLook(wanted.says, sounds, mail),
    beginningLook(wanted.begins, sounds, mail),
  ]
  const faults = looks.filter((look) => typeof look === 'object')
  const told = looks.filter((look) => typeof look === 'string')
  if (faults.length === 0) return { verdict: 'passed', observed: told.join(', ') }
  const station = { station: 'voicemail' }
  return failed(faults.map((f) => f.expected).join('; '), faults.map((f) => f.observed).join('; '), station)
}

function same(what: string, wanted: string | undefined, found: string | undefined): Look {
  if (wanted === undefined || wanted === found) return undefined
  return { expected: `${what}"${wanted}"`, observed: found === undefined ? `${what}none` : `${what}"${found}"` }
}

/** The mail lies in the mailbox before its sender has read the reply, so the delivery may still be to come. */
async function attemptsLook(
  wanted: number | undefined,
  { messageId = '' }: ReadMail,
  watch: Watch,
  leftMs: number,
): Promise<Look> {
  if (wanted === undefined) return undefined
  const found = await watch.until((e) => e.type === 'mail.delivered' && messageId.startsWith(`<${e.id}@`), leftMs)
  const attempts = found?.type === 'mail.delivered' ? found.attempts : undefined
  if (attempts === wanted) return `delivered at attempt ${wanted}`
  return { expected: `delivery at attempt ${wanted}`, observed: `delivery at attempt ${attempts ?? 'none'}` }
}

/** What a recording is judged by; `samples` at 8 kHz. */
type Judge = (said: Int16Array, samples: Int16Array) => Look

function recordingLook(expected: string, said: Int16Array | undefined, { wav }: ReadMail, judge: Judge): Look {
  if (said === undefined || wav === undefined) return { expected, observed: 'no recording in it' }
  try {
    const { rate, samples } = readWav(wav)
    return judge(said, resampleTo8k(samples, rate))
  } catch (thrown) {
    if (!(thrown instanceof PosternError)) throw thrown
    return { expected, observed: `a recording that cannot be read: ${thrown.message}` }
  }
}

const seconds = (ms: number, digits: number): string => (ms / 1000).toFixed(digits)

function wholeLook(name: string | undefined, sounds: Sounds, mail: ReadMail): Look {
  if (name === undefined) return undefined
  const expected = `${name} as it was said (correlation ${faithful.correlation}, ${faithful.durationMs / 1000} s)`
  return recordingLook(expected, sounds.get(name), mail, (said, samples) => {
    const c = compare(said, samples)
    const faulty = c.correlation < faithful.correlation || Math.abs(c.durationDifferenceMs) > faithful.durationMs
    if (!faulty) return `says ${name} (${c.correlation.toFixed(2)})`
    const difference = `${seconds(c.durationDifferenceMs, 2)} s of difference, ${seconds(c.missingMs, 1)} s missing`
    return { expected, observed: `correlation ${c.correlation.toFixed(2)}, ${difference}` }
  })
}

/** The recording may break off anywhere: it is compared with as much of the sound as it has room for. */
function beginningLook(name: string | undefined, sounds: Sounds, mail: ReadMail): Look {
  if (name === undefined) return undefined
  const expected = `the beginning of ${name} as it was said (correlation ${faithful.correlation})`
  return recordingLook(expected, sounds.get(name), mail, (said, samples) => {
    const from = Math.round(8 * compare(said, samples).delayMs)
    const beginning = said.subarray(0, Math.max(0, samples.length - from))
    const { correlation } = compare(beginning, samples)
    const told = `${seconds(beginning.length / 8, 1)} s of ${name} (${correlation.toFixed(2)})`
    return correlation < faithful.correlation ? { expected, observed: told } : `begins with ${told}`
  })
}

function noneOf(mails: readonly FoundMail[], what: string, { to, kind }: Verbs['no-mail']): Found {
  const against = mails.filter((m) => kind === undefined || m.mail.kind === kind)
  if (against.length === 0) return { verdict: 'passed' }
  const observed = `arrived: ${against.map((m) => m.mail.kind).join(', ')}`
  return failed(`${[what, kind, 'mail'].filter(Boolean).join(' ')} for ${to}`, observed, { station: 'voicemail' })
}

/** Judged last, when all that could arrive has arrived. */
export async function noMailCheck(wanted: Verbs['no-mail'], lab: Lab): Promise<Found> {
  return noneOf(await mailsOf(wanted, lab), 'no', wanted)
}

/** Judged last: nothing arrived but the mails that steps were satisfied with. */
export async function noMoreMailCheck(
  wanted: Verbs['no-mail'],
  { lab, taken }: Pick<MailPorts, 'lab' | 'taken'>,
): Promise<Found> {
  const more = (await mailsOf(wanted, lab)).filter((m) => !taken.has(m.name))
  return noneOf(more, 'no more', wanted)
}
