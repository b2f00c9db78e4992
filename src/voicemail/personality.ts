import { readDiversions } from '../sip/message/diversion.ts'
import type { SipRequest } from '../sip/message/message.ts'
import { parseNameAddr } from '../sip/message/name-addr.ts'
import { parseUri } from '../sip/message/uri.ts'

/** What an INVITE says of who called whom. */
export interface Addressed {
  /** The number the call is for; undefined where the request does not say. */
  readonly number: string | undefined
  /** RFC 5806 reason, or `none`. */
  readonly reason: string
}

/** Which mailbox a call is for: one function of the service's personality. */
export type Personality = (request: SipRequest) => Addressed

/** Exchange UM reads the topmost Diversion that names somebody (facts 2.3): the last to divert is the mailbox owner. */
export const byDiversion: Personality = (request) => {
  const diversions = readDiversions(request.headers)
  const latest = diversions.find(({ uri }) => parseUri(uri)?.user !== undefined) ?? diversions[0]
  return { number: latest && parseUri(latest.uri)?.user, reason: latest?.reason ?? 'none' }
}

/** The caller: number and name of the From header; anonymous callers (RFC 3323 §4.1.1.3) have neither: no name, an empty number. */
export function callerOf(request: SipRequest): { readonly number: string; readonly name: string | undefined } {
  const from = parseNameAddr(request.headers.get('From') ?? '')
  const number = parseUri(from?.uri ?? '')?.user ?? ''
  if (number.toLowerCase() === 'anonymous') return { number: '', name: undefined }
  return { number, name: from?.display || undefined }
}
