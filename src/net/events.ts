import type { Address } from '../kernel/address.ts'
import type { PeerJudgement } from '../kernel/tls.ts'
import type { Transport } from './tap.ts'

interface TlsConnection {
  /** Which side of the handshake we were. */
  readonly side: 'server' | 'client'
  readonly local: Address
  readonly remote: Address
}

/** The judgement, and what the handshake settled. */
export interface TlsJudged extends TlsConnection, PeerJudgement {
  /** As in `TLSv1.3`. */
  readonly version?: string
  /** As in `TLS_AES_256_GCM_SHA384`. */
  readonly cipher?: string
}

/** What the network says. Plain data. */
export type NetEvent =
  /** The connection was handed up; a verdict of `wrong-name` too, on the server's side. */
  | ({ readonly type: 'tls.accepted' } & TlsJudged)
  /** The connection was ended before a byte of it was handed up. */
  | ({ readonly type: 'tls.refused' } & TlsJudged)
  /** The other end refused us: an alert, or an end before its first byte. */
  | ({ readonly type: 'tls.refused-by-peer'; readonly text: string; readonly code?: string } & TlsConnection)
  /** No TLS came about: plaintext, no common version or cipher, a timeout. */
  | ({ readonly type: 'tls.handshake-failed'; readonly text: string; readonly code?: string } & TlsConnection)
  | {
      readonly type: 'net.error'
      readonly transport: Transport
      readonly local: Address
      readonly remote?: Address
      /** Node's code, as in `ECONNREFUSED`. */
      readonly code?: string
      readonly text: string
    }
