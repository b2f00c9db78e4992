import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { CommandModule } from 'yargs'
import { PosternError } from '../kernel/errors.ts'
import { readSound } from '../lab/audio.ts'
import { startCaller } from '../lab/caller.ts'
import { loadLab } from '../lab/load.ts'
import type { Phone } from '../lab/face.ts'
import { realWorld } from '../lab/world.ts'
import { transcript } from '../media/ears/recognise.ts'
import { findTones } from '../media/ears/tone.ts'
import { writeWav } from '../media/wav.ts'
import { startLog } from '../report/log.ts'
import type { Transport } from '../sip/face.ts'
import { parseUri } from '../sip/message/uri.ts'
import type { GlobalArguments } from './arguments.ts'
import type { ExitCode } from './main.ts'
import { embeddedLab } from './package.ts'

interface CallArguments extends GlobalArguments {
  uri: string | undefined
  from: string
  say: string | undefined
  for: number
  save: string | undefined
  transport: Transport | undefined
  srtp: boolean
  ca: string | undefined
  cert: string | undefined
  key: string | undefined
  diversion: string | undefined
  reason: string
  bind: string
  lab: string
}

/** `postern call`: one call from the shell, and what was heard. */
export const callCommand = (done: (code: ExitCode) => void): CommandModule<GlobalArguments, CallArguments> => ({
  command: 'call <uri>',
  describe: 'Make one call and say what was heard',
  builder: (args) =>
    args
      .positional('uri', { type: 'string', describe: 'Whom to call, as in sip:1001@127.0.10.10:5060' })
      .option('from', { type: 'string', default: 'sip:postern@localhost', describe: 'SIP URI of the caller' })
      .option('say', {
        type: 'string',
        describe: 'WAV to say after the first tone, or at once when none comes within half the time',
      })
      .option('for', { type: 'number', default: 10, describe: 'Hang up after so many seconds' })
      .option('save', { type: 'string', describe: 'WAV file to write what was heard to' })
      .option('transport', { choices: ['udp', 'tcp', 'tls'] as const, describe: "The URI's transport, else udp" })
      .option('srtp', { type: 'boolean', default: false, describe: 'Offer SRTP (SDES), and nothing else' })
      .option('ca', { type: 'string', describe: 'PEM file with the authority to trust on TLS' })
      .option('cert', { type: 'string', describe: 'PEM file with our certificate', implies: 'key' })
      .option('key', { type: 'string', describe: 'PEM file with its key', implies: 'cert' })
      .option('diversion', {
        type: 'string',
        describe: 'SIP URI for a Diversion header: whose mailbox the call is for',
      })
      .option('reason', { type: 'string', default: 'no-answer', describe: 'Its reason' })
      .option('bind', { type: 'string', default: '127.0.0.1', describe: 'Local address to call from' })
      .option('lab', {
        type: 'string',
        default: embeddedLab,
        defaultDescription: 'labs/embedded.yaml',
        describe: 'Lab file whose greetings are recognised',
      })
      .example('$0 call sip:1002@127.0.10.10:5060', 'Hear what extension 1002 of `postern serve` says')
      .example('$0 call sip:1001@127.0.10.10:5060 --say message.wav --for 20 --save heard.wav', 'Leave a message'),
  handler: async (args) => done(await call(args)),
})

async function call(args: CallArguments): Promise<ExitCode> {
  const target = parseUri(args.uri ?? '')
  if (target === undefined || target.host === '') {
    throw new PosternError('usage', `"${args.uri ?? ''}" is not a SIP URI`, {
      next: 'Expected something like sip:1001@127.0.10.10:5060',
    })
  }
  const transport = args.transport ?? transportOf(target.params.get('transport'))
  const said = args.say === undefined ? undefined : await readSound(args.say)
  const data = await mkdtemp(join(tmpdir(), 'postern-'))
  const { sounds } = await loadLab(args.lab, process.env)
  const diversion =
    args.diversion === undefined ? [] : [{ name: 'Diversion', value: `<${args.diversion}>;reason=${args.reason}` }]
  try {
    const caller = await startCaller({
      world: realWorld,
      data,
      from: args.from,
      bind: args.bind,
      hop: { transport, host: target.host, port: target.port ?? (transport === 'tls' ? 5061 : 5060) },
      srtp: args.srtp,
      anchors: args.ca === undefined ? [] : [await readFile(args.ca, 'utf8')],
      ...(args.cert === undefined || args.key === undefined
        ? {}
        : { identity: { chain: await readFile(args.cert, 'utf8'), key: await readFile(args.key, 'utf8') } }),
      headers: diversion,
    })
    startLog({ verbosity: args.verbose, format: args['log-format'] }).follow(caller.bus)
    try {
      return await converse(caller.phone, args, said, sounds.references)
    } finally {
      await caller.close()
    }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

async function converse(
  phone: Phone,
  args: CallArguments,
  said: Int16Array | undefined,
  references: ReadonlyMap<string, Int16Array>,
): Promise<ExitCode> {
  const answer = await phone.call(args.uri ?? '')
  if (answer.type === 'refused') {
    process.stdout.write(
      `Refused: ${answer.status} ${answer.reason}${answer.local ? ' (made here: nobody answered)' : ''}\n`,
    )
    return 1
  }
  const ms = args.for * 1000
  const stop = realWorld.clock.after(ms, () => void answer.hangUp())
  const speech = said === undefined ? undefined : answer.tone(ms / 2).then(() => answer.say(said))
  const end = await answer.ended
  stop()
  await speech
  const heard = await answer.heard()
  process.stdout.write(
    `Answered; ended by ${end.by === 'remote' ? 'the other side' : 'us'} after ${(heard.length / 8000).toFixed(1)} s\n`,
  )
  for (const line of heardLines(heard, references)) process.stdout.write(`${line}\n`)
  if (args.save !== undefined) {
    await writeFile(args.save, writeWav(heard, 'PCMU'))
    process.stdout.write(`Heard audio: ${args.save}\n`)
  }
  return 0
}

function heardLines(heard: Int16Array, known: ReadonlyMap<string, Int16Array>): readonly string[] {
  const at = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`
  const speech = transcript(
    heard,
    [...known].map(([name, pcm]) => ({ name, pcm })),
  ).map((h) => ({
    fromMs: h.fromMs,
    text: `${at(h.fromMs)}  ${h.name} (${h.confidence.toFixed(2)})`,
  }))
  const tones = findTones(heard).map((t) => ({
    fromMs: t.fromMs,
    text: `${at(t.fromMs)}  tone of ${Math.round(t.frequencyHz)} Hz`,
  }))
  const lines = [...speech, ...tones].sort((a, b) => a.fromMs - b.fromMs).map((l) => l.text)
  return lines.length === 0 ? ['Nothing that is known was heard.'] : lines
}

const transportOf = (parameter: string | undefined): Transport =>
  parameter === 'tcp' || parameter === 'tls' ? parameter : 'udp'
