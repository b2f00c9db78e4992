import { formatAddress, type Address, type Face } from '../../kernel/address.ts'
import { PosternError } from '../../kernel/errors.ts'
import type { Listener } from '../../kernel/network.ts'
import type { EndpointOrder, Hop, ListenerOrder, Listening } from '../face.ts'
import { connect, Connection } from './connection.ts'
import { Datagrams } from './datagrams.ts'
import type { Flow } from './flow.ts'
import { isIp, localHostFor } from './hosts.ts'
import type { Wire } from './wire.ts'

export type TransportOrder = Pick<EndpointOrder, 'network' | 'resolver' | 'listeners' | 'tlsClient' | 'timers'>

/** Sockets, listeners and connections of one endpoint (RFC 3261 §18). */
export class TransportLayer {
  readonly listening: Listening[] = []
  readonly #order: TransportOrder
  readonly #wire: Wire
  readonly #sockets: Datagrams[] = []
  readonly #listeners: Listener[] = []
  /** Connections we opened, standing or in progress, by the hop they lead to. */
  readonly #outgoing = new Map<string, Promise<Connection>>()
  /** Connections that stand, whoever opened them. */
  readonly #standing = new Set<Connection>()
  #closed = false

  private constructor(order: TransportOrder, wire: Wire) {
    this.#order = order
    this.#wire = wire
  }

  /** Opens every listener. @throws PosternError network-listen, after closing what was open */
  static async open(order: TransportOrder, wire: Wire): Promise<TransportLayer> {
    const layer = new TransportLayer(order, wire)
    try {
      for (const listener of order.listeners) await layer.#listen(listener)
    } catch (thrown) {
      await layer.close()
      throw thrown
    }
    return layer
  }

  /**
   * The flow to a hop: a UDP socket (the one `near` uses, where it is one of ours), or a connection, reused where one stands.
   * @throws PosternError network-connect, tls-refused, tls-refused-by-peer
   */
  async flow(hop: Hop, near?: Flow): Promise<Flow> {
    if (this.#closed) throw new PosternError('network-connect', 'the endpoint is closed')
    if (hop.transport === 'udp')
      return this.#datagrams(near).flow({ host: await this.#resolve(hop.host), port: hop.port })
    const accepted = this.#accepted(hop)
    if (accepted !== undefined) return accepted
    const key = keyOf(hop)
    const kept = this.#outgoing.get(key)
    if (kept !== undefined) return kept
    const opening = this.#connect(hop, key)
    this.#outgoing.set(key, opening)
    return opening
  }

  /** Ends connections and listeners; resolves when the network has none of them. */
  async close(): Promise<void> {
    this.#closed = true
    for (const connection of [...this.#standing]) connection.end()
    await Promise.allSettled([
      ...[...this.#sockets, ...this.#listeners].map((open) => open.close()),
      ...this.#outgoing.values(),
    ])
  }

  async #listen({ transport, face, tls }: ListenerOrder): Promise<void> {
    const { network } = this.#order
    const advertise = (bound: Address): Address => advertisedOf(face, bound)
    if (transport === 'udp') {
      const socket = await Datagrams.bind(network, face.bind, advertise, this.#wire)
      this.#sockets.push(socket)
      this.listening.push(socket.listening)
      return
    }
    const listener = await network.listen(
      face.bind,
      (stream) => this.#keep(new Connection(transport, stream, advertisedOf(face, listener.local), this.#wire)),
      transport === 'tls' ? tls : undefined,
    )
    this.#listeners.push(listener)
    this.listening.push({ transport, bound: listener.local, advertised: advertise(listener.local) })
  }

  async #connect(hop: Hop, key: string): Promise<Connection> {
    const { network, tlsClient, timers } = this.#order
    try {
      const to = { host: await this.#resolve(hop.host), port: hop.port }
      const listening = this.listening.find((l) => l.transport === hop.transport)
      const from = localHostFor(to.host, (listening ?? this.listening[0])?.bound.host)
      const tls = hop.transport === 'tls' ? { ...(tlsClient ?? plainTls), serverName: hop.host } : undefined
      const order = {
        to,
        timeoutMs: timers.connect,
        ...(from === undefined ? {} : { from }),
        ...(tls === undefined ? {} : { tls }),
      }
      const connection = this.#keep(await connect(network, order, listening?.advertised, this.#wire))
      connection.onClosed(() => void this.#outgoing.delete(key))
      if (!connection.alive) this.#outgoing.delete(key)
      return connection
    } catch (thrown) {
      this.#outgoing.delete(key)
      throw thrown
    }
  }

  #keep(connection: Connection): Connection {
    if (this.#closed) connection.end()
    if (!connection.alive) return connection
    this.#standing.add(connection)
    connection.onClosed(() => void this.#standing.delete(connection))
    return connection
  }

  /** A peer's own connection leads back to it when the hop is its very address; a name would have to be proved again. */
  #accepted(hop: Hop): Flow | undefined {
    const wanted = formatAddress(hop)
    return [...this.#standing].find((c) => c.transport === hop.transport && formatAddress(c.remote) === wanted)
  }

  #datagrams(near: Flow | undefined): Datagrams {
    const bound = near?.transport === 'udp' ? formatAddress(near.local) : undefined
    const socket = this.#sockets.find((s) => formatAddress(s.listening.bound) === bound) ?? this.#sockets[0]
    if (socket === undefined) throw new PosternError('network-connect', 'no UDP listener to send from')
    return socket
  }

  async #resolve(host: string): Promise<string> {
    if (isIp(host)) return host
    const address = await this.#order.resolver.address(host)
    if (address === undefined) throw new PosternError('network-connect', `no address is known for "${host}"`)
    return address
  }
}

const plainTls = { anchors: [], names: 'rfc5922' } as const

const keyOf = (hop: Hop): string => `${hop.transport} ${formatAddress(hop).toLowerCase()}`

const advertisedOf = ({ advertised }: Face, bound: Address): Address =>
  advertised === undefined ? bound : { host: advertised.host, port: advertised.port ?? bound.port }
