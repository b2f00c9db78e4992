import type { Address } from '../kernel/address.ts'

export type Transport = 'udp' | 'tcp' | 'tls'

/** One datagram, or one plaintext read or write of a stream, as it passed. */
export interface WireTap {
  readonly direction: 'in' | 'out'
  readonly transport: Transport
  readonly local: Address
  readonly remote: Address
  readonly bytes: Uint8Array
}
