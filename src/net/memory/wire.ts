import { formatAddress, type Address } from '../../kernel/address.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { DatagramSocket, Listener } from '../../kernel/network.ts'
import type { TlsServer } from '../../kernel/tls.ts'
import { connectFailure, listenFailure } from '../failures.ts'
import type { WireTap } from '../tap.ts'
import type { Lifeline } from './lifeline.ts'
import type { Link } from './link.ts'
import { createPipe, type PipeEnd } from './pipe.ts'

type Receive = (bytes: Uint8Array, from: Address) => void

/** A listener on the wire: what to do with each connection. */
export interface Door {
  /** On TLS: what the server asks and shows, for the model of a handshake. */
  readonly tls?: TlsServer
  readonly accept: (end: PipeEnd) => void
  readonly life: Lifeline
}

export interface WireOrder {
  readonly clock: Clock
  readonly link: Link
  /** Sees every datagram and every plaintext write of a stream as it is sent. */
  readonly tap?: (write: WireTap) => void
}

class SystemError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** Every host of a virtual world on one network in memory: what is sent arrives when the link says, under the world's clock. */
export class Wire {
  readonly clock: Clock
  readonly tap: (write: WireTap) => void
  readonly #link: Link
  readonly #sockets = new Map<string, { readonly receive: Receive; readonly local: Address }>()
  readonly #doors = new Map<string, Door>()
  #nextPort = 40_000

  constructor({ clock, link, tap = () => undefined }: WireOrder) {
    this.clock = clock
    this.#link = link
    this.tap = tap
  }

  /** Sockets and listeners that stand. */
  get open(): number {
    return this.#sockets.size + this.#doors.size
  }

  /** @throws PosternError network-listen */
  bind(at: Address, receive: Receive, life: Lifeline): DatagramSocket {
    const local = this.#free(at, this.#sockets, 'udp')
    const name = formatAddress(local)
    this.#sockets.set(name, { receive, local })
    const close = (): void => void this.#sockets.delete(name)
    const letGo = life.hold(close)
    return {
      local,
      send: (bytes, to) => {
        if (!life.alive) return
        this.tap({ direction: 'out', transport: 'udp', local, remote: to, bytes })
        this.#send(bytes, local, to)
      },
      close: () => {
        close()
        letGo()
        return Promise.resolve()
      },
    }
  }

  /** @throws PosternError network-listen */
  listen(at: Address, door: Door): Listener {
    const local = this.#free(at, this.#doors, door.tls === undefined ? 'tcp' : 'tls')
    const name = formatAddress(local)
    this.#doors.set(name, door)
    const close = (): void => void this.#doors.delete(name)
    const letGo = door.life.hold(close)
    return {
      local,
      close: () => {
        close()
        letGo()
        return Promise.resolve()
      },
    }
  }

  /** A TCP connection; resolves after the round trip of its handshake. @throws PosternError network-connect */
  async connect(from: string, to: Address, life: Lifeline): Promise<PipeEnd> {
    await this.#pass(this.#link.stream(from, to.host))
    const door = this.#doors.get(formatAddress(to))
    await this.#pass(this.#link.stream(to.host, from))
    if (door === undefined || !life.alive) throw connectFailure('connect to', to, new SystemError('ECONNREFUSED'))
    const local = { host: from, port: this.#nextPort++ }
    const [near, far] = createPipe(
      { clock: this.clock, link: this.#link },
      { address: local, life },
      { address: to, life: door.life },
    )
    door.accept(far)
    return near
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve))
  }

  #send(bytes: Uint8Array, from: Address, to: Address): void {
    const name = formatAddress(to)
    for (const ms of this.#link.datagram(from.host, to.host)) {
      this.clock.after(ms, () => this.#sockets.get(name)?.receive(bytes, from))
    }
  }

  #free(at: Address, taken: ReadonlyMap<string, unknown>, transport: string): Address {
    const local = at.port === 0 ? { host: at.host, port: this.#nextPort++ } : at
    if (!taken.has(formatAddress(local))) return local
    throw listenFailure(`listen for ${transport} on`, at, new SystemError('EADDRINUSE'))
  }
}
