import type { Address } from './address.ts'
import type { PeerJudgement, TlsClient, TlsServer } from './tls.ts'

/** A bound UDP socket. */
export interface DatagramSocket {
  readonly local: Address
  /** Fire and forget: `bytes` are not changed afterwards, by either end. A socket error is an event of the network, not of the caller. */
  send(bytes: Uint8Array, to: Address): void
  close(): Promise<void>
}

/** A TCP or TLS connection, already judged when it is TLS. */
export interface Stream {
  readonly local: Address
  readonly remote: Address
  /** Present on TLS. */
  readonly peer?: PeerJudgement
  write(bytes: Uint8Array): void
  /** Sends what was written, then closes. */
  end(): void
  /** Closes at once. */
  destroy(): void
}

export interface StreamHandlers {
  data(bytes: Uint8Array): void
  /** Called once, last; `error` when it was not a plain close. */
  closed(error?: Error): void
}

export interface Listener {
  readonly local: Address
  close(): Promise<void>
}

export interface ConnectOrder {
  readonly to: Address
  /** Local host to connect from. */
  readonly from?: string
  readonly tls?: TlsClient
  readonly timeoutMs?: number
}

/** The one way to the outside for datagrams and streams; a role has one for each of its sides. */
export interface Network {
  /** @throws PosternError network-listen */
  bind(at: Address, receive: (bytes: Uint8Array, from: Address) => void): Promise<DatagramSocket>
  /**
   * `accept` is called once a connection stands: for TLS after the judgement, and only when that was not `refused`.
   * @throws PosternError network-listen
   */
  listen(at: Address, accept: (stream: Stream) => StreamHandlers, tls?: TlsServer): Promise<Listener>
  /** @throws PosternError network-connect, tls-refused, tls-refused-by-peer */
  connect(order: ConnectOrder, handlers: StreamHandlers): Promise<Stream>
}

/** Host name to IP address. */
export interface Resolver {
  address(host: string): Promise<string | undefined>
}
