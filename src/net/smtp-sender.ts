import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import SMTPConnection from 'nodemailer/lib/smtp-connection/index.js'
import type { Address } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Resolver } from '../kernel/network.ts'
import type { Envelope, SmtpOutcome, SmtpSender } from '../kernel/smtp.ts'
import type { TlsClient } from '../kernel/tls.ts'
import type { NetEvent } from './events.ts'
import type { SmtpEvent } from './smtp-events.ts'
import { outcomeOf, replyOf } from './smtp-outcome.ts'
import { handshakeOf, type Handshake, type Sockets, type StreamSocket } from './sockets.ts'
import { clientOptions } from './tls-options.ts'
import { admit, localOf, refusal, type Ends } from './tls.ts'

export interface SmtpSenderOptions {
  readonly to: Address
  /** What we call ourselves (RFC 5321 §4.1.1.1). */
  readonly ehlo: string
  /** Names the server must prove, and by whose authority; with it STARTTLS is required, without it nothing is encrypted. */
  readonly tls?: TlsClient
  /** ms: for the connection and its greeting, and of silence afterwards; 5 s and 30 s when left out. */
  readonly timeouts?: { readonly connectMs?: number; readonly idleMs?: number }
  readonly clock: Clock
  readonly emit: Emit<NetEvent | SmtpEvent>
  readonly resolver: Resolver
  /** Local IP address to connect from. */
  readonly from?: string
  /** Node's when left out. */
  readonly sockets?: Sockets
  /** Sees the socket of a session once it is encrypted. */
  readonly secured?: (socket: Duplex, ends: Ends) => void
}

/** ms for the connection and its greeting. */
const connectLimit = 5000

/** Sends each message over a connection of its own. The server is judged after STARTTLS and before MAIL. Never rejects. */
export function smtpSender(options: SmtpSenderOptions): SmtpSender {
  return async (envelope, message) => {
    try {
      const host = await options.resolver.address(options.to.host)
      if (host === undefined) return { outcome: 'unreachable', text: `the name "${options.to.host}" is not known` }
      const connection = options.sockets && (await connected(options.sockets, host, options))
      return await new Transaction(options, host, connection).run(envelope, message)
    } catch (failure) {
      return { outcome: 'unreachable', text: messageOf(failure) }
    }
  }
}

/** A connection of another kind than Node's. Rejects when there is none in time. */
function connected(sockets: Sockets, host: string, { to, timeouts, clock }: SmtpSenderOptions): Promise<StreamSocket> {
  const socket = sockets.connect({ host, port: to.port })
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    const cancel = clock.after(timeouts?.connectMs ?? connectLimit, () => fail(new Error('Connection timeout')))
    socket.once('error', fail)
    socket.once('connect', () => {
      cancel()
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

class Transaction {
  readonly #options: SmtpSenderOptions
  readonly #connection: SMTPConnection
  #local: Address = { host: '', port: 0 }
  #opened = false

  constructor(options: SmtpSenderOptions, host: string, connection: StreamSocket | undefined) {
    const { to, ehlo, tls, timeouts, from } = options
    const connectMs = timeouts?.connectMs ?? connectLimit
    // Typed as a socket of `net`; any Duplex that behaves like one will do.
    const overConnection: object = connection === undefined ? {} : { connection }
    this.#options = options
    if (connection !== undefined) this.#local = localOf(connection)
    this.#connection = new SMTPConnection({
      ...overConnection,
      ...(from === undefined ? {} : { localAddress: from }),
      host,
      port: to.port,
      secure: false,
      name: ehlo,
      ...(tls === undefined ? { ignoreTLS: true } : { requireTLS: true, tls: clientOptions(tls) }),
      allowInternalNetworkInterfaces: true,
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: timeouts?.idleMs ?? 30_000,
      socketCloseTimeout: 500,
    })
  }

  async run(envelope: Envelope, message: Uint8Array): Promise<SmtpOutcome> {
    try {
      await this.#connect()
      this.#begin()
      this.#judge()
      const text = await this.#send(envelope, message)
      this.#connection.quit()
      return this.#said({ outcome: 'accepted', reply: replyOf(text) })
    } catch (failure) {
      this.#connection.close()
      return this.#said(outcomeOf(failure))
    } finally {
      if (this.#opened) this.#say('closed')
    }
  }

  #connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.on('error', reject)
      this.#connection.once('end', () => reject(new Error('the server closed the connection')))
      this.#connection.connect((failure) => {
        if (failure) reject(failure)
        else resolve()
      })
    })
  }

  #begin(): void {
    const socket = this.#connection._socket
    if (socket && this.#options.sockets === undefined) this.#local = localOf(socket)
    this.#opened = true
    this.#say('opened')
  }

  /** @throws PosternError tls-refused */
  #judge(): void {
    const { tls, to } = this.#options
    if (tls === undefined) return
    const socket = this.#connection._socket
    if (!(socket instanceof TLSSocket)) throw new PosternError('tls-refused', `${to.host} did not start TLS`)
    const ends = { local: this.#local, remote: to }
    const peer = admit(this.#options, socket, { side: 'client', tls }, ends, this.#handshake(socket))
    if (peer.verdict !== 'trusted') throw refusal(`${tls.serverName} at ${to.host}`, peer)
    this.#options.secured?.(socket, ends)
    this.#say('secured')
  }

  /** OpenSSL reads the machine's clock: over sockets of another world its verdict means nothing. */
  #handshake(socket: TLSSocket): Handshake {
    const { openssl, ...handshake } = handshakeOf(socket)
    return openssl === undefined || this.#options.sockets !== undefined ? handshake : { ...handshake, openssl }
  }

  /** The reply to the end of DATA. A message that not all recipients were accepted for counts as not accepted. */
  #send({ from, to }: Envelope, message: Uint8Array): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#connection.on('error', reject)
      this.#connection.once('end', () => reject(new Error('the server closed the connection')))
      this.#connection.send(
        { from: from === '' ? false : from, to: [...to] },
        Buffer.from(message),
        (failure, info) => {
          if (failure) reject(failure)
          else if (info.rejectedErrors?.[0] !== undefined) reject(info.rejectedErrors[0])
          else resolve(info.response)
        },
      )
    })
  }

  #say(state: 'opened' | 'secured' | 'closed'): void {
    const { emit, ehlo, to } = this.#options
    emit({ type: 'smtp.session', side: 'client', state, local: this.#local, remote: to, ehlo })
  }

  #said(outcome: SmtpOutcome): SmtpOutcome {
    const { emit, to } = this.#options
    const about = { side: 'client', local: this.#local, remote: to } as const
    if (outcome.outcome === 'unreachable') emit({ type: 'smtp.failed', ...about, text: outcome.text })
    else emit({ type: 'smtp.reply', ...about, step: 'data', ...outcome.reply })
    return outcome
  }
}
