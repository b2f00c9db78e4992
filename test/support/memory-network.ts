import { formatAddress, type Address } from '../../src/kernel/address.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type {
  ConnectOrder,
  DatagramSocket,
  Listener,
  Network,
  Stream,
  StreamHandlers,
} from '../../src/kernel/network.ts'
import type { PeerJudgement, TlsServer } from '../../src/kernel/tls.ts'

type Receive = (bytes: Uint8Array, from: Address) => void
interface Accepting {
  readonly accept: (stream: Stream) => StreamHandlers
  readonly tls: TlsServer | undefined
}

const trusted = (name: string): PeerJudgement => ({ verdict: 'trusted', names: [name] })

/** Every host of a test on one wire: a datagram or a piece of a stream arrives one microtask after it was sent. */
export class MemoryNetwork implements Network {
  /** Asked for each datagram: `true` loses it. */
  lose: (bytes: Uint8Array, from: Address, to: Address) => boolean = () => false
  /** Asked for each connection: an error refuses it. */
  refuse: (order: ConnectOrder) => Error | undefined = () => undefined
  /** Streams are cut into pieces of this many bytes. */
  piece = Infinity
  /** Every connection that was opened, as `from>to`. */
  readonly opened: string[] = []
  readonly #sockets = new Map<string, Receive>()
  readonly #listeners = new Map<string, Accepting>()
  readonly #streams = new Set<Stream>()
  #nextPort = 40_000

  /** Open sockets, listeners and streams: nothing when all is closed. */
  get open(): number {
    return this.#sockets.size + this.#listeners.size + this.#streams.size
  }

  bind(at: Address, receive: Receive): Promise<DatagramSocket> {
    const local = this.#take(at, this.#sockets)
    this.#sockets.set(formatAddress(local), receive)
    return Promise.resolve({
      local,
      send: (bytes, to) => {
        if (this.lose(bytes, local, to)) return
        queueMicrotask(() => this.#sockets.get(formatAddress(to))?.(bytes, local))
      },
      close: () => Promise.resolve(void this.#sockets.delete(formatAddress(local))),
    })
  }

  listen(at: Address, accept: Accepting['accept'], tls?: TlsServer): Promise<Listener> {
    const local = this.#take(at, this.#listeners)
    this.#listeners.set(formatAddress(local), { accept, tls })
    return Promise.resolve({
      local,
      close: () => Promise.resolve(void this.#listeners.delete(formatAddress(local))),
    })
  }

  async connect(order: ConnectOrder, handlers: StreamHandlers): Promise<Stream> {
    await Promise.resolve()
    const refused = this.refuse(order)
    if (refused !== undefined) throw refused
    const listener = this.#listeners.get(formatAddress(order.to))
    if (listener === undefined || (listener.tls === undefined) !== (order.tls === undefined)) {
      throw new PosternError('network-connect', `nothing listens at ${formatAddress(order.to)}`)
    }
    const local = { host: order.from ?? '127.0.0.1', port: this.#nextPort++ }
    this.opened.push(`${formatAddress(local)}>${formatAddress(order.to)}`)
    return this.#pair(local, order, handlers, listener)
  }

  /** Breaks every connection, as a firewall that forgot them would. */
  cut(): void {
    for (const stream of [...this.#streams]) stream.destroy()
  }

  #pair(local: Address, { to, tls }: ConnectOrder, ours: StreamHandlers, { accept }: Accepting): Stream {
    const ends = { near: ours, far: undefined as StreamHandlers | undefined, closed: false }
    const close = (error?: Error): void => {
      if (ends.closed) return
      ends.closed = true
      this.#streams.delete(near)
      this.#streams.delete(far)
      queueMicrotask(() => {
        ends.near.closed(error)
        ends.far?.closed(error)
      })
    }
    const end = (from: Address, remote: Address, target: () => StreamHandlers | undefined, peer: string): Stream => ({
      local: from,
      remote,
      ...(tls === undefined ? {} : { peer: trusted(peer) }),
      write: (bytes) => {
        for (let at = 0; at < bytes.length && !ends.closed; at += this.piece) {
          const part = bytes.slice(at, at + this.piece)
          queueMicrotask(() => target()?.data(part))
        }
      },
      end: () => queueMicrotask(() => close()),
      destroy: () => close(),
    })
    const near = end(local, to, () => ends.far, tls?.serverName ?? '')
    const far = end(to, local, () => ends.near, 'client')
    this.#streams.add(near).add(far)
    ends.far = accept(far)
    return near
  }

  #take(at: Address, taken: ReadonlyMap<string, unknown>): Address {
    const local = at.port === 0 ? { ...at, port: this.#nextPort++ } : at
    if (taken.has(formatAddress(local))) throw new PosternError('network-listen', `${formatAddress(local)} is in use`)
    return local
  }
}
