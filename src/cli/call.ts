import { readFile } from 'node:fs/promises'
import type { CommandModule } from 'yargs'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Identity } from '../kernel/tls.ts'
import { readSound } from '../lab/audio.ts'
import { startCaller, type CallerOrder } from '../lab/caller.ts'
import { hostNames } from '../lab/site.ts'
import { loadLab } from '../lab/load.ts'
import { realWorld } from '../lab/world.ts'
import { readPem } from '../pki/certificate.ts'
import { mismatch } from '../pki/pair.ts'
import { startLog } from '../report/log.ts'
import type { Hop, Transport } from '../sip/face.ts'
import { parseUri } from '../sip/message/uri.ts'
import { hopOf } from '../sip/transport/hop.ts'
import { address, seconds, usage, writable, type Chosen, type GlobalArguments } from './arguments.ts'
import { converse, type Conversation } from './conversation.ts'
import type { ExitCode } from './exit-code.ts'
import { temporaryFolder } from './folders.ts'
import { embeddedLab } from './package.ts'
import type { Shell } from './shell.ts'

interface CallArguments extends GlobalArguments {
  uri: string | undefined
  from: string
  say: string | undefined
  for: number
  save: string | undefined
  transport: Transport | undefined
  srtp: boolean | undefined
  ca: string | undefined
  cert: string | undefined
  key: string | undefined
  diversion: string | undefined
  reason: string | undefined
  bind: string | undefined
  lab: string
}

const text = { type: 'string', requiresArg: true } as const

/** `postern call`: one call from the shell, and what was heard. */
export const callCommand = (choose: Chosen): CommandModule<GlobalArguments, CallArguments> => ({
  command: 'call <uri>',
  describe: 'Make one call and say what was heard',
  builder: (args) =>
    args
      .positional('uri', { type: 'string', describe: 'Whom to call, as in sip:1001@127.0.10.10:5060' })
      .option('from', { ...text, default: 'sip:postern@localhost', describe: 'SIP URI or number of the caller' })
      .option('say', {
        ...text,
        describe: 'WAV to say after the first tone, or at once when none comes within half the time',
      })
      .option('for', { type: 'number', requiresArg: true, default: 10, describe: 'Hang up after so many seconds' })
      .option('save', { ...text, describe: 'WAV file to write what was heard to' })
      .option('transport', {
        requiresArg: true,
        choices: ['udp', 'tcp', 'tls'] as const,
        defaultDescription: 'that of the URI, else udp',
        describe: 'How SIP travels',
      })
      .option('srtp', { type: 'boolean', describe: 'Offer SRTP (SDES), and nothing else' })
      .option('ca', { ...text, describe: 'PEM file with the authority to trust on TLS' })
      .option('cert', { ...text, describe: 'PEM file with our certificate for TLS' })
      .option('key', { ...text, describe: 'PEM file with its key' })
      .option('diversion', {
        ...text,
        describe: 'SIP URI or number for a Diversion header: whose mailbox the call is for',
      })
      .option('reason', { ...text, defaultDescription: 'no-answer', describe: 'Why it was diverted (RFC 5806)' })
      .option('bind', {
        ...text,
        defaultDescription: 'the one that leads there',
        describe: 'Local address to call from',
      })
      .option('lab', {
        ...text,
        default: embeddedLab,
        defaultDescription: 'labs/embedded.yaml',
        describe: 'Lab file whose greetings are recognised, and whose host names are known',
      })
      .epilogue(
        `Exit code 0: the call was answered. 1: it was not.

Examples, while \`postern serve --certs certs\` runs:
  postern call sip:1002@127.0.10.10:5060
      Hear what extension 1002 says
  postern call sip:1001@127.0.10.10:5060 --say message.wav --for 30 --save heard.wav
      Leave a message for 1001, and keep what was heard
  postern call "sip:1001@voicemail.edge.test;transport=tls" --srtp --diversion 1001 \\
    --ca certs/authority.pem --cert certs/sbc.edge.test.pem --key certs/sbc.edge.test.key
      Call the voicemail service in place of the SBC`,
      ),
  handler: (args) => choose((shell) => call(args, shell)),
})

async function call(args: CallArguments, shell: Shell): Promise<ExitCode> {
  const hop = whereTo(args)
  const ms = seconds('for', args.for)
  const from = address('from', args.from, hop.host)
  const headers = diversion(args, hop)
  const tls = await trust(args, hop)
  if (args.save !== undefined) await writable('save', args.save)
  const said = args.say === undefined ? undefined : await readSound(args.say)
  const { file, sounds } = await loadLab(args.lab, shell.environment)
  const data = await temporaryFolder()
  const stop = shell.interruption()
  try {
    const caller = await startCaller({
      world: realWorld,
      data: data.path,
      from,
      hop,
      hosts: { ...hostNames(file), ...file.hosts },
      srtp: args.srtp === true,
      ...tls,
      headers,
      ...(args.bind === undefined ? {} : { bind: args.bind }),
    })
    startLog({ verbosity: args.verbose, format: args['log-format'], stream: shell.stderr }).follow(caller.bus)
    const order: Conversation = {
      uri: args.uri ?? '',
      ms,
      stop,
      references: sounds.references,
      ...(said === undefined ? {} : { said }),
      ...(args.save === undefined ? {} : { save: args.save }),
    }
    try {
      return await converse(caller, order, shell.stdout)
    } finally {
      await caller.close()
    }
  } finally {
    await data.remove()
  }
}

/** @throws PosternError usage */
function whereTo({ uri = '', transport }: CallArguments): Hop {
  const target = parseUri(uri)
  if (target === undefined || target.host === '') {
    throw usage(`"${uri}" is not a SIP URI with a host`, 'Expected something like sip:1001@127.0.10.10:5060')
  }
  const params = new Map(target.params)
  const own = params.get('transport')?.toLowerCase()
  if (transport === undefined && own !== undefined && !['udp', 'tcp', 'tls'].includes(own)) {
    throw usage(`Transport "${own}" of the URI is not known here`, 'Expected udp, tcp or tls')
  }
  if (transport === undefined) return hopOf(uri)
  return { transport, host: target.host, port: target.port ?? (transport === 'tls' ? 5061 : 5060) }
}

/** @throws PosternError usage */
function diversion({ diversion: from, reason }: CallArguments, { host }: Hop): CallerOrder['headers'] {
  if (from === undefined) {
    if (reason === undefined) return []
    throw usage('--reason stands without --diversion', 'Add --diversion with the URI or number that was called first.')
  }
  const why = reason ?? 'no-answer'
  if (!/^[\w.!%*+`'~-]+$/.test(why)) {
    throw usage(`--reason ${why} is not one word`, 'RFC 5806 has no-answer, user-busy, unconditional, unavailable, …')
  }
  return [{ name: 'Diversion', value: `<${address('diversion', from, host)}>;reason=${why}` }]
}

/** Whom to trust, and who we are. @throws PosternError usage, file-unreadable */
async function trust(args: CallArguments, { transport }: Hop): Promise<Pick<CallerOrder, 'anchors' | 'identity'>> {
  const { ca, cert, key } = args
  const given = (['ca', 'cert', 'key'] as const).find((name) => args[name] !== undefined)
  if (transport !== 'tls') {
    if (given === undefined) return { anchors: [] }
    throw usage(`--${given} is for TLS, and this call goes by ${transport}`, 'Add --transport tls, or leave it out.')
  }
  if (ca === undefined) throw usage('TLS needs --ca: whom to trust', '`postern certs` writes certs/authority.pem')
  paired(cert, key)
  const anchor = await readText('ca', ca)
  if (readPem([anchor]).length === 0) throw usage(`--ca ${ca} holds no certificate`, 'Expected a PEM file')
  const identity = await ourIdentity(cert, key)
  return { anchors: [anchor], ...(identity === undefined ? {} : { identity }) }
}

function paired(cert: string | undefined, key: string | undefined): void {
  if (cert === undefined && key !== undefined)
    throw usage('--key stands without --cert', 'Add --cert with the certificate of that key.')
  if (key === undefined && cert !== undefined)
    throw usage('--cert stands without --key', 'Add --key with the key of that certificate.')
}

async function ourIdentity(cert: string | undefined, key: string | undefined): Promise<Identity | undefined> {
  if (cert === undefined || key === undefined) return undefined
  const identity = { chain: await readText('cert', cert), key: await readText('key', key) }
  const fault = mismatch(identity.chain, identity.key)
  if (fault === undefined) return identity
  throw usage(`--cert ${cert} and --key ${key} cannot be used: ${fault}`, 'Expected two PEM files that belong together')
}

async function readText(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    throw new PosternError('file-unreadable', `--${option} ${file} cannot be read: ${messageOf(thrown)}`, {
      next: '`postern certs` writes such files.',
      cause: thrown,
    })
  }
}
