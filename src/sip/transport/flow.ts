import type { Address } from '../../kernel/address.ts'
import type { SipMessage } from '../message/message.ts'
import type { Source, Transport } from '../face.ts'

/**
 * The way between one local and one remote address (RFC 5626 §1.2): a UDP socket and a peer, or one connection.
 */
export interface Flow extends Source {
  /** What our Via and Contact say when we send over it. */
  readonly face: Address
  /** A connection that has ended is not alive any more, and sends nothing. */
  readonly alive: boolean
  send(message: SipMessage): void
  /** UDP: the same socket toward another address. A connection leads nowhere else and answers itself. */
  toward(remote: Address): Flow
  /** Calls `listener` once if the connection ends; the answer ends that. */
  onClosed(listener: (error?: Error) => void): () => void
}

/** TCP and TLS deliver or break: no retransmission (RFC 3261 §17). */
export const isReliable = (transport: Transport): boolean => transport !== 'udp'

/** RFC 3261 §19.1.2. */
export const defaultPort = (transport: Transport): number => (transport === 'tls' ? 5061 : 5060)

/** The flow's facts for those who may not send on it. */
export function sourceOf({ transport, local, remote, peer }: Flow): Source {
  return { transport, local, remote, ...(peer === undefined ? {} : { peer }) }
}
