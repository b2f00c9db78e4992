import { formatAddress } from '../../src/kernel/address.ts'
import type { Address } from '../../src/kernel/address.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { DatagramSocket, Network } from '../../src/kernel/network.ts'

type Receive = (bytes: Uint8Array, from: Address) => void

export interface Datagram {
  readonly bytes: Uint8Array
  readonly from: Address
  readonly to: Address
}

/** ms until each copy of the n-th datagram (from 0) arrives: none is a loss, two a duplicate. */
export type Path = (n: number) => readonly number[]

/** UDP between hosts of one test, under its clock. Names and ports are free; nothing is ever sent back. */
export class MemoryDatagrams implements Pick<Network, 'bind'> {
  readonly #clock: Clock
  readonly #sockets = new Map<string, Receive>()
  readonly sent: Datagram[] = []
  /** Seen from elsewhere than it was sent from, as behind NAT. */
  source: (from: Address) => Address = (from) => from
  path: Path = () => [1]
  #port = 40_000

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get bound(): number {
    return this.#sockets.size
  }

  bind(at: Address, receive: Receive): Promise<DatagramSocket> {
    const local = at.port === 0 ? { ...at, port: (this.#port += 2) } : at
    const name = formatAddress(local)
    if (this.#sockets.has(name)) return Promise.reject(new PosternError('network-listen', `${name} is in use`))
    this.#sockets.set(name, receive)
    return Promise.resolve({
      local,
      send: (bytes, to) => this.send({ bytes, from: local, to }),
      close: () => {
        this.#sockets.delete(name)
        return Promise.resolve()
      },
    })
  }

  send(datagram: Datagram): void {
    const n = this.sent.push(datagram) - 1
    for (const ms of this.path(n)) this.#clock.after(ms, () => this.#deliver(datagram))
  }

  #deliver({ bytes, from, to }: Datagram): void {
    this.#sockets.get(formatAddress(to))?.(bytes, this.source(from))
  }
}
