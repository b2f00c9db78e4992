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
      /** A session refresh request was answered with 2xx: RFC 4028. `by`: who sent it. */
      readonly type: 'sip.session-refreshed'
      readonly callId: string
      readonly method: string
      readonly by: 'local' | 'remote'
      /** The session interval that was agreed. */
      readonly expiresMs: number
    }
  | {
      /** A refresh of ours was refused or could not be made, and is not tried again: the session will expire. */
      readonly type: 'sip.session-not-refreshed'
      readonly callId: string
      readonly text: string
    }
  | {
      /** Nothing refreshed the session, and it was ended with BYE. `refresher`: whose task it was. */
      readonly type: 'sip.session-expired'
      readonly callId: string
      readonly refresher: 'local' | 'remote'
      readonly expiresMs: number
    }
  | {
      readonly type: 'sip.transport-error'
      readonly transport: Transport
      readonly remote: Address
      readonly text: string
    }
