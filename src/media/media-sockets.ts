import { messageOf, PosternError } from '../kernel/errors.ts'
import type { DatagramSocket, Network } from '../kernel/network.ts'
import type { OpenOrder } from './face.ts'

type Receive = Parameters<Network['bind']>[1]

/** Binds media sockets: any port, or the next free even one of a range. A port is not used again before the others had their turn. */
export class MediaSockets {
  readonly #network: Pick<Network, 'bind'>
  readonly #next = new Map<string, number>()

  constructor(network: Pick<Network, 'bind'>) {
    this.#network = network
  }

  /** @throws PosternError media-open */
  async bind(order: OpenOrder, receive: Receive): Promise<DatagramSocket> {
    let cause: unknown
    for (let left = order.ports === undefined ? 1 : evenPorts(order.ports); left > 0; left--) {
      try {
        return await this.#network.bind({ host: order.bind, port: this.#port(order) }, receive)
      } catch (failure) {
        cause = failure
      }
    }
    throw new PosternError('media-open', explain(order, cause), { cause })
  }

  #port({ bind, ports }: OpenOrder): number {
    if (ports === undefined) return 0
    const range = `${bind} ${ports.join('-')}`
    const turn = this.#next.get(range) ?? 0
    this.#next.set(range, (turn + 1) % evenPorts(ports))
    return firstEven(ports) + 2 * turn
  }
}

const firstEven = ([first]: readonly [number, number]): number => first + (first % 2)

function evenPorts(ports: readonly [number, number]): number {
  return Math.max(0, Math.floor((ports[1] - firstEven(ports)) / 2) + 1)
}

function explain({ bind, ports }: OpenOrder, cause: unknown): string {
  const where = ports === undefined ? '' : `: none of the even ports from ${ports[0]} to ${ports[1]} is free`
  const last = cause === undefined ? '' : ` (${messageOf(cause)})`
  return `no media port on ${bind}${where}${last}`
}
