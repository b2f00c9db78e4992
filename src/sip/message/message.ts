import type { Headers } from './headers.ts'

/** A SIP message as read or about to be written. The body is opaque to this folder. */
export interface SipRequest {
  readonly type: 'request'
  readonly method: string
  readonly uri: string
  readonly headers: Headers
  readonly body: Uint8Array
}

export interface SipResponse {
  readonly type: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Uint8Array
}

export type SipMessage = SipRequest | SipResponse
