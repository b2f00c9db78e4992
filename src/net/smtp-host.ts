import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { Address } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import { messageOf } from '../kernel/errors.ts'
import type { Listener } from '../kernel/network.ts'
import type { SmtpHandler, SmtpReply } from '../kernel/smtp.ts'
import type { Identity } from '../kernel/tls.ts'
import { listenFailure } from './failures.ts'
import type { SmtpEvent } from './smtp-events.ts'
import type { Sockets, StreamServer, StreamSocket } from './sockets.ts'
import { serverOptions } from './tls-options.ts'
import type { Ends } from './tls.ts'

export interface SmtpHost {
  readonly at: Address
  readonly handler: SmtpHandler
  /** Our name, in the greeting. */
  readonly host: string
  /** STARTTLS is offered when present. */
  readonly tls?: { readonly identity: Identity }
  /** MAIL before STARTTLS is answered 530 5.7.0 (RFC 3207 §4). */
  readonly requireTls: boolean
  /** Bytes of a message; announced as SIZE (RFC 1870). */
  readonly sizeLimit: number
  readonly emit: Emit<SmtpEvent>
  /** Where connections come from; Node's own listener when left out. */
  readonly sockets?: Sockets
  /** Sees each socket of a session once it is encrypted. */
  readonly secured?: (socket: Duplex, ends: Ends) => void
}

/** ms that a transaction under way has to end once the listener closes. */
const graceMs = 1000

/** A receive connector: no AUTH, no reverse lookup; each step is the handler's to answer. @throws PosternError network-listen */
export async function hostSmtp(order: SmtpHost): Promise<Listener> {
  const { at, host, tls, sizeLimit, emit } = order
  const steps = new Steps(order)
  const server = new SMTPServer({
    ...(tls && serverOptions({ identity: tls.identity, anchors: [], names: 'rfc6125', clientCertificate: 'none' })),
    name: host,
    banner: 'Postern',
    disabledCommands: tls === undefined ? ['AUTH', 'STARTTLS'] : ['AUTH'],
    authOptional: true,
    disableReverseLookup: true,
    maxAllowedUnauthenticatedCommands: false,
    size: sizeLimit,
    closeTimeout: graceMs,
    logger: false,
    onConnect: steps.plain((session) => steps.say(session, 'opened')),
    onSecure: (socket, session, done) => {
      const { local, remote } = ends(session)
      order.secured?.(socket, { local, remote })
      steps.say(session, 'secured')
      done()
    },
    onMailFrom: ({ address }, session, done) =>
      steps.answer(done, session, 'mail', address, () => steps.sender(address, session)),
    onRcptTo: ({ address }, session, done) =>
      steps.answer(done, session, 'rcpt', address, () => steps.recipient(address, session)),
    onData: (stream, session, done) =>
      steps.answer(done, session, 'data', undefined, () => steps.message(stream, session)),
    onClose: (session) => steps.say(session, 'closed'),
  })
  server.on('error', (error) =>
    emit({ type: 'smtp.failed', side: 'server', local: at, remote: peerOf(error), text: messageOf(error) }),
  )
  const door = order.sockets?.serve()
  door?.on('connection', (socket: StreamSocket) => server.server.emit('connection', socket))
  const listening = door ?? server.server
  try {
    listening.listen({ host: at.host, port: at.port })
    await once(listening, 'listening')
  } catch (thrown) {
    throw listenFailure('listen for smtp on', at, thrown)
  }
  const bound = listening.address()
  const local = typeof bound === 'object' && bound !== null ? { host: bound.address, port: bound.port } : at
  let closed: Promise<void> | undefined
  return { local, close: () => (closed ??= close(server, steps, door)) }
}

/** Those in a transaction have a moment to end it; the others are told 421 (RFC 5321 §3.8). */
async function close(server: SMTPServer, steps: Steps, door: StreamServer | undefined): Promise<void> {
  const gone = door === undefined ? closed(server) : closedDoor(server, door)
  for (const connection of server.connections)
    if (!steps.busy.has(connection.id)) connection.send(421, `${steps.host} is closing`)
  await gone
}

/** The server closes by itself only what it listens on. */
async function closedDoor(server: SMTPServer, door: StreamServer): Promise<void> {
  const gone = once(door, 'close')
  door.close()
  const grace = setTimeout(() => {
    for (const connection of server.connections) connection.close()
  }, graceMs)
  await gone
  clearTimeout(grace)
}

const closed = (server: SMTPServer): Promise<void> => new Promise((resolve) => server.close(resolve))

class StepError extends Error {
  readonly responseCode: number

  constructor({ code, enhanced, text }: SmtpReply) {
    super(`${enhanced} ${text}`)
    this.responseCode = code
  }
}

type Done = (failure?: Error | null, text?: string) => void

class Steps {
  readonly host: string
  /** Sessions whose DATA is under way. */
  readonly busy = new Set<string>()
  readonly #order: SmtpHost

  constructor(order: SmtpHost) {
    this.host = order.host
    this.#order = order
  }

  plain(task: (session: SMTPServerSession) => void): (session: SMTPServerSession, done: Done) => void {
    return (session, done) => {
      task(session)
      done()
    }
  }

  say(session: SMTPServerSession, state: 'opened' | 'secured' | 'closed'): void {
    const ehlo: unknown = session.hostNameAppearsAs
    const named = typeof ehlo === 'string' ? { ehlo } : {}
    this.#order.emit({ type: 'smtp.session', ...ends(session), state, ...named })
  }

  /** Asks the handler and replies; a handler that fails is a 451. */
  answer(
    done: Done,
    session: SMTPServerSession,
    step: 'mail' | 'rcpt' | 'data',
    argument: string | undefined,
    ask: () => Promise<SmtpReply>,
  ): void {
    const about = { ...ends(session), step, ...(argument !== undefined && { argument }) }
    const reply = (answer: SmtpReply): void => {
      this.#order.emit({ type: 'smtp.reply', ...about, ...answer })
      if (answer.code >= 400) done(new StepError(answer))
      else done(null, `${answer.enhanced} ${answer.text}`)
    }
    ask().then(reply, (failure: unknown) => {
      this.#order.emit({ type: 'smtp.failed', ...ends(session), text: messageOf(failure) })
      reply({ code: 451, enhanced: '4.3.0', text: 'local error in processing' })
    })
  }

  async sender(from: string, session: SMTPServerSession): Promise<SmtpReply> {
    if (this.#order.requireTls && !session.secure)
      return { code: 530, enhanced: '5.7.0', text: 'Must issue a STARTTLS command first' }
    return this.#order.handler.sender(from)
  }

  async recipient(to: string, session: SMTPServerSession): Promise<SmtpReply> {
    return this.#order.handler.recipient(to, senderOf(session))
  }

  async message(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<SmtpReply> {
    this.busy.add(session.id)
    try {
      const message = await wholeOf(stream, this.#order.sizeLimit)
      if (message === undefined)
        return { code: 552, enhanced: '5.3.4', text: `message longer than ${this.#order.sizeLimit} bytes` }
      const to = session.envelope.rcptTo.map(({ address }) => address)
      return await this.#order.handler.message({ from: senderOf(session), to }, message)
    } finally {
      this.busy.delete(session.id)
    }
  }
}

/** Reads to the end in any case; keeps no more than the limit. */
async function wholeOf(stream: SMTPServerDataStream, limit: number): Promise<Uint8Array | undefined> {
  let pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    length += piece.length
    if (length > limit) pieces = []
    else pieces.push(piece)
  }
  return length > limit ? undefined : new Uint8Array(Buffer.concat(pieces))
}

function senderOf({ envelope }: SMTPServerSession): string {
  return envelope.mailFrom === false ? '' : envelope.mailFrom.address
}

function ends(session: SMTPServerSession): { side: 'server'; local: Address; remote: Address } {
  return {
    side: 'server',
    local: { host: session.localAddress, port: session.localPort },
    remote: { host: session.remoteAddress, port: session.remotePort },
  }
}

function peerOf(error: Error): Address {
  const host = 'remoteAddress' in error && typeof error.remoteAddress === 'string' ? error.remoteAddress : ''
  return { host, port: 0 }
}
