import type { Address } from '../../kernel/address.ts'
import type { DatagramSocket, Network } from '../../kernel/network.ts'
import type { Listening } from '../face.ts'
import type { SipMessage } from '../message/message.ts'
import { parseMessage } from '../message/parse.ts'
import { serialise } from '../message/serialise.ts'
import type { Flow } from './flow.ts'
import { messageEvent, type Wire } from './wire.ts'

/** One bound UDP socket; a flow of it is the socket and a peer's address. */
export class Datagrams {
  readonly listening: Listening
  readonly #socket: DatagramSocket
  readonly #wire: Wire

  private constructor(socket: DatagramSocket, advertised: Address, wire: Wire) {
    this.#socket = socket
    this.#wire = wire
    this.listening = { transport: 'udp', bound: socket.local, advertised }
  }

  /** @throws PosternError network-listen */
  static async bind(
    network: Network,
    at: Address,
    advertise: (bound: Address) => Address,
    wire: Wire,
  ): Promise<Datagrams> {
    const opened: { socket?: Datagrams } = {}
    const socket = await network.bind(at, (bytes, from) => opened.socket?.read(bytes, from))
    opened.socket = new Datagrams(socket, advertise(socket.local), wire)
    return opened.socket
  }

  flow(remote: Address): Flow {
    const flow: Flow = {
      transport: 'udp',
      local: this.#socket.local,
      remote,
      face: this.listening.advertised,
      alive: true,
      send: (message) => this.#send(message, flow),
      toward: (other) => this.flow(other),
      onClosed: () => () => undefined,
    }
    return flow
  }

  close(): Promise<void> {
    return this.#socket.close()
  }

  read(bytes: Uint8Array, from: Address): void {
    if (isKeepAlive(bytes)) return
    const flow = this.flow(from)
    const result = parseMessage(bytes)
    if (result.ok) {
      this.#wire.emit(messageEvent('in', flow, result.message, bytes))
      this.#wire.receive(result.message, flow)
    } else this.#wire.malformed(result, flow)
  }

  #send(message: SipMessage, flow: Flow): void {
    const bytes = serialise(message)
    this.#wire.emit(messageEvent('out', flow, message, bytes))
    this.#socket.send(bytes, flow.remote)
  }
}

/** RFC 5626 §3.5.1 and what phones send in its place: line ends or zeros, to hold a NAT binding open. */
const isKeepAlive = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 13 || byte === 10 || byte === 0)
