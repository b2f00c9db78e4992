import { PosternError } from '../kernel/errors.ts'
import { compare } from '../media/ears/compare.ts'
import type { HeardReference, Recognition } from '../media/ears/recognise.ts'
import { readMail, type ReadMail } from '../mail/read.ts'
import { readWav, resampleTo8k } from '../media/wav.ts'
import type { Happening } from '../lab/events.ts'
import type { Lab } from '../lab/face.ts'
import { missingMail, wrongGreeting } from './blame.ts'
import type { MailResult, StepResult } from './result.ts'
import type { Verbs } from './schema.ts'
import type { Watch } from './watch.ts'

/** What a step came to, its text and place apart. */
export type Found = Omit<StepResult, 'text' | 'line'>

const failed = (expected: string, observed: string, more: Partial<Found> = {}): Found => ({
  verdict: 'failed',
  expected,
  observed,
  ...more,
})

const rated = (h: HeardReference): string => `${h.name} (${h.confidence.toFixed(2)})`

/**
 * The greeting was heard, after what was heard before it. `nearest`: what was heard is most like these, though not like
 * enough to be one of them.
 */
export function hearCheck(
  expected: string,
  heard: readonly HeardReference[],
  watch: Watch,
  nearest: Recognition['all'] = [],
): Found {
  const found = heard.find((h) => h.name === expected)
  if (found !== undefined) return { verdict: 'passed', observed: `heard ${rated(found)}` }
  const like = nearest.slice(0, 2).map((n) => `${n.name} (${n.confidence.toFixed(2)})`)
  const nothing =
    like.length === 0 ? 'heard nothing that is known' : `heard nothing for certain, nearest ${like.join(' and ')}`
  const instead = heard.length === 0 ? nothing : `heard ${heard.map(rated).join(', ')}`
  return failed(expected, instead, wrongGreeting(watch.events, heard[0]?.name))
}

/** Whether an event is of that type, at that station, with those fields. */
function fits(wanted: Verbs['no-event']): (event: Happening) => boolean {
  const fields = Object.entries(wanted.with ?? {})
  return (event) => {
    if (event.type !== wanted.type || (wanted.station ?? event.station) !== event.station) return false
    const plain = event as unknown as Readonly<Record<string, unknown>>
    return fields.every(([name, value]) => plain[name] === value)
  }
}

/** Judged last: such an event has not happened. */
export function noEventCheck(wanted: Verbs['no-event'], watch: Watch): Found {
  const against = watch.events.filter(fits(wanted))
  if (against.length === 0) return { verdict: 'passed' }
  const station = against[0]?.station
  return failed(
    `no ${wanted.type}`,
    `${against.length} happened, first: ${against.slice(0, 1).map(eventText).join('')}`,
    {
      ...(station === undefined ? {} : { station }),
      evidence: against.map((e) => e.seq),
    },
  )
}

/** Such an event, past or soon. */
export async function eventCheck(wanted: Verbs['event'], watch: Watch): Promise<Found> {
  const found = await watch.until(fits(wanted), wanted.within)
  const what = `${wanted.station ?? 'any station'} to say ${wanted.type} ${JSON.stringify(wanted.with ?? {})}`
  if (found !== undefined) return { verdict: 'passed', observed: eventText(found), evidence: [found.seq] }
  const near = watch.events.filter((e) => e.type === wanted.type)
  return failed(what, near.length === 0 ? `no ${wanted.type} happened` : near.map(eventText).join('; '), {
    evidence: near.map((e) => e.seq),
  })
}

/** An event in one line: who, what, and its words. */
function eventText(event: { readonly type: string; readonly station: string }): string {
  const plain = event as unknown as Readonly<Record<string, unknown>>
  const told = ['by', 'status', 'reason', 'diagnostics', 'text'].flatMap((name) => {
    const value = plain[name]
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
  })
  return `${event.station} ${[event.type, ...told].join(' ')}`
}

/** The mail arrives and is what it should be; each thing it is not is named. */
export async function mailCheck(
  wanted: Verbs['mail'],
  lab: Lab,
  watch: Watch,
  sounds: ReadonlyMap<string, Int16Array>,
  keep: (mail: MailResult) => void,
): Promise<Found> {
  const expected = `a ${wanted.kind} mail for ${wanted.to}`
  const deadline = lab.clock.now() + wanted.within
  const seen = new Set<number>()
  for (;;) {
    const found = await findMail(wanted, lab)
    if (found !== undefined) {
      keep(resultOf(wanted.to, found))
      return judgeMail(wanted, found.mail, watch, sounds, Math.max(0, deadline - lab.clock.now()))
    }
    const arrived = await watch.until(
      (e) => e.type === 'exchange.mail' && !seen.has(e.seq),
      Math.max(0, deadline - lab.clock.now()),
    )
    if (arrived === undefined) return failed(expected, 'it did not arrive', missingMail(watch.events))
    seen.add(arrived.seq)
  }
}

interface FoundMail {
  readonly mail: ReadMail
  readonly message: Uint8Array
}

function resultOf(mailbox: string, { mail, message }: FoundMail): MailResult {
  const { subject, text, headers, wav } = mail
  return { mailbox, message, subject, text, headers: [...headers], ...(wav === undefined ? {} : { recording: wav }) }
}

async function findMail(wanted: Pick<Verbs['mail'], 'to' | 'kind'>, lab: Lab): Promise<FoundMail | undefined> {
  for (const { message } of await lab.mails(wanted.to)) {
    const mail = await readMail(message)
    if (mail.kind === wanted.kind) return { mail, message }
  }
  return undefined
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
  watch: Watch,
  sounds: ReadonlyMap<string, Int16Array>,
  leftMs: number,
): Promise<Found> {
  const looks: readonly Look[] = [
    `${wanted.kind} mail "${mail.subject}"`,
    same('caller ', wanted.from, mail.caller),
    same('subject ', wanted.subject, mail.subject),
    await attemptsLook(wanted.attempts, watch, leftMs),
    wanted.says === undefined ? undefined : recordingLook(wanted.says, sounds.get(wanted.says), mail.wav),
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
async function attemptsLook(wanted: number | undefined, watch: Watch, leftMs: number): Promise<Look> {
  if (wanted === undefined) return undefined
  const found = await watch.until((e) => e.type === 'mail.delivered' && e.attempts === wanted, leftMs)
  if (found !== undefined) return `delivered at attempt ${wanted}`
  const delivered = watch.events.filter((e) => e.type === 'mail.delivered').map((e) => e.attempts)
  return {
    expected: `delivery at attempt ${wanted}`,
    observed: `delivery at attempt ${delivered.join(', ') || 'none'}`,
  }
}

function recordingLook(name: string, said: Int16Array | undefined, wav: Uint8Array | undefined): Look {
  const expected = `${name} as it was said (correlation ${faithful.correlation}, ${faithful.durationMs / 1000} s)`
  if (said === undefined || wav === undefined) return { expected, observed: 'no recording in it' }
  try {
    const { rate, samples } = readWav(wav)
    const c = compare(said, resampleTo8k(samples, rate))
    const faulty = c.correlation < faithful.correlation || Math.abs(c.durationDifferenceMs) > faithful.durationMs
    if (!faulty) return `says ${name} (${c.correlation.toFixed(2)})`
    const seconds = (ms: number, digits: number): string => (ms / 1000).toFixed(digits)
    const difference = `${seconds(c.durationDifferenceMs, 2)} s of difference, ${seconds(c.missingMs, 1)} s missing`
    return { expected, observed: `correlation ${c.correlation.toFixed(2)}, ${difference}` }
  } catch (thrown) {
    if (!(thrown instanceof PosternError)) throw thrown
    return { expected, observed: `a recording that cannot be read: ${thrown.message}` }
  }
}

/** Judged last, when all that could arrive has arrived. */
export async function noMailCheck(wanted: Verbs['no-mail'], lab: Lab): Promise<Found> {
  const kinds: string[] = []
  for (const { message } of await lab.mails(wanted.to)) kinds.push((await readMail(message)).kind)
  const against = wanted.kind === undefined ? kinds : kinds.filter((k) => k === wanted.kind)
  if (against.length === 0) return { verdict: 'passed' }
  return failed(`no ${wanted.kind ?? ''} mail for ${wanted.to}`.replace('  ', ' '), `arrived: ${against.join(', ')}`, {
    station: 'voicemail',
  })
}
