import type { Address } from '../../kernel/address.ts'
import type { ConnectOrder, Network, Stream, StreamHandlers } from '../../kernel/network.ts'
import type { PeerJudgement } from '../../kernel/tls.ts'
import { Framer } from '../message/framer.ts'
import type { SipMessage } from '../message/message.ts'
import { serialise } from '../message/serialise.ts'
import type { Flow } from './flow.ts'
import { messageEvent, type Wire } from './wire.ts'

/** RFC 5626 §4.4.1: the answer to a double CRLF. */
const pong = new Uint8Array([13, 10])

/** One TCP or TLS connection as a flow: frames what comes in, and says when it has ended. */
export class Connection implements Flow, StreamHandlers {
  readonly transport: 'tcp' | 'tls'
  readonly local: Address
  readonly remote: Address
  readonly face: Address
  readonly peer?: PeerJudgement
  alive = true
  readonly #stream: Stream
  readonly #wire: Wire
  readonly #framer = new Framer()
  readonly #listeners = new Set<(error?: Error) => void>()

  constructor(transport: 'tcp' | 'tls', stream: Stream, face: Address | undefined, wire: Wire) {
    this.transport = transport
    this.local = stream.local
    this.remote = stream.remote
    this.face = face ?? stream.local
    if (stream.peer !== undefined) this.peer = stream.peer
    this.#stream = stream
    this.#wire = wire
  }

  send(message: SipMessage): void {
    if (!this.alive) return
    const bytes = serialise(message)
    this.#wire.emit(messageEvent('out', this, message, bytes))
    this.#stream.write(bytes)
  }

  toward(): Flow {
    return this
  }

  onClosed(listener: (error?: Error) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  data(bytes: Uint8Array): void {
    if (!this.alive) return
    for (const result of this.#framer.push(bytes)) {
      if (result === 'ping') this.#stream.write(pong)
      else if (result.ok) {
        this.#wire.emit(messageEvent('in', this, result.message, serialise(result.message)))
        this.#wire.receive(result.message, this)
      } else this.#wire.malformed(result, this)
    }
    if (this.#framer.broken) this.#stream.end()
  }

  closed(error?: Error): void {
    if (!this.alive) return
    this.alive = false
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener(error)
  }

  /** Ends it from our side: what was sent still goes out, what comes in is not read any more. */
  end(): void {
    this.#stream.end()
    this.closed()
  }
}

/**
 * Opens a connection. What arrives before it is handed out is kept for it.
 * @throws PosternError network-connect, tls-refused, tls-refused-by-peer
 */
export async function connect(
  network: Network,
  order: ConnectOrder,
  face: Address | undefined,
  wire: Wire,
): Promise<Connection> {
  const early: ((to: StreamHandlers) => void)[] = []
  const opened: { connection?: Connection } = {}
  const hand = (event: (to: StreamHandlers) => void): void => {
    if (opened.connection === undefined) early.push(event)
    else event(opened.connection)
  }
  const stream = await network.connect(order, {
    data: (bytes) => hand((to) => to.data(bytes)),
    closed: (error) => hand((to) => to.closed(error)),
  })
  const connection = new Connection(order.tls === undefined ? 'tcp' : 'tls', stream, face, wire)
  opened.connection = connection
  for (const event of early) event(connection)
  return connection
}
