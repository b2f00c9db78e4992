import { formatAddress, type Address } from '../../kernel/address.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { DatagramSocket, Listener } from '../../kernel/network.ts'
import type { TlsServer } from '../../kernel/tls.ts'
import { listenFailure } from '../failures.ts'
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
    const local = this.#freeForDatagrams(at)
    const name = formatAddress(local)
    this.#sockets.set(name, { receive, local })
    let open = true
    const close = (): void => {
      if (open) this.#sockets.delete(name)
      open = false
    }
    const letGo = life.hold(close)
    return {
      local,
      send: (bytes, to) => {
        if (!open) return
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

  /** @throws Error EADDRINUSE */
  listen(at: Address, door: Door): Listener {
    const local = this.#free(at, this.#doors)
    const name = formatAddress(local)
    this.#doors.set(name, door)
    const close = (): void => {
      if (this.#doors.get(name) === door) this.#doors.delete(name)
    }
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

  /** A TCP connection; resolves after the round trip of its handshake, never once the process is dead. @throws Error ECONNREFUSED */
  async connect(from: string, to: Address, life: Lifeline): Promise<PipeEnd> {
    await this.#pass(this.#link.stream(from, to.host))
    const name = formatAddress(to)
    const door = this.#doors.get(name)
    await this.#pass(this.#link.stream(to.host, from))
    if (!life.alive) return new Promise(() => undefined)
    if (door === undefined || this.#doors.get(name) !== door) throw new SystemError('ECONNREFUSED')
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

  #freeForDatagrams(at: Address): Address {
    try {
      return this.#free(at, this.#sockets)
    } catch (thrown) {
      throw listenFailure('listen for udp on', at, thrown)
    }
  }

  #free(at: Address, taken: ReadonlyMap<string, unknown>): Address {
    if (at.port === 0) {
      const local = { host: at.host, port: this.#nextPort++ }
      return taken.has(formatAddress(local)) ? this.#free(at, taken) : local
    }
    if (!taken.has(formatAddress(at))) return at
    throw new SystemError('EADDRINUSE')
  }
}
