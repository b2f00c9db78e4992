import type { Address } from '../kernel/address.ts'
import type { Transport } from './face.ts'

/** What the SIP engine says. */
export type SipEvent =
  | {
      /** One message on the wire, as sent or received. */
      readonly type: 'sip.message'
      readonly direction: 'in' | 'out'
      readonly transport: Transport
      readonly local: Address
      readonly remote: Address
      readonly callId: string
      /** `INVITE sip:1001@…` or `180 Ringing`. */
      readonly title: string
      readonly cseq: string
      /** The whole message as text (latin1, so that every byte is one character). */
      readonly text: string
    }
  | {
      readonly type: 'sip.malformed'
      readonly transport: Transport
      readonly local: Address
      readonly remote: Address
      readonly reason: string
      /** Byte offset of the fault. */
      readonly offset: number
    }
  | {
      readonly type: 'sip.timeout'
      readonly method: string
      readonly callId: string
    }
  | {
      readonly type: 'sip.transport-error'
      readonly transport: Transport
      readonly remote: Address
      readonly text: string
    }
