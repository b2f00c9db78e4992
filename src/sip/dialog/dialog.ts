import type { Extra, Source } from '../face.ts'
import { requestOf, uriAt } from '../compose.ts'
import { parseCSeq } from '../message/cseq.ts'
import type { Headers } from '../message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { parseNameAddr, splitList, tagOf, withTag } from '../message/name-addr.ts'
import { parseUri } from '../message/uri.ts'

/** The state of a dialog: RFC 3261 §12. Plain data; every change makes a new one. */
export interface Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** As it stands in From of our requests, with tag. */
  readonly local: string
  /** As it stands in To of our requests, with tag. */
  readonly remote: string
  readonly localSeq: number
  /** None until the peer has asked for something. */
  readonly remoteSeq?: number
  /** Values for Route, in order. */
  readonly routes: readonly string[]
  /** Remote target, a URI. */
  readonly target: string
  /** Our own Contact. */
  readonly contact: string
  readonly product?: string
}

interface Ours {
  readonly contact: string
  readonly product?: string | undefined
}

/** By what a request finds its dialog, whatever its Request-URI: RFC 3261 §12.2.2. */
export const dialogKey = (callId: string, localTag: string, remoteTag: string): string =>
  [callId, localTag, remoteTag].join(' ')

/** RFC 3261 §12.1.2: the caller's dialog, from the INVITE as sent and a response with a To tag. */
export function callerDialog(request: SipRequest, response: SipResponse, source: Source, ours: Ours): Dialog {
  const { headers } = response
  return {
    callId: headers.get('Call-ID') ?? '',
    localTag: tagOf(headers, 'From') ?? '',
    remoteTag: tagOf(headers, 'To') ?? '',
    local: request.headers.get('From') ?? '',
    remote: headers.get('To') ?? '',
    localSeq: parseCSeq(headers.get('CSeq'))?.number ?? 1,
    routes: recordRoutes(headers).reverse(),
    target: targetOf(response, source),
    ...oursOf(ours),
  }
}

/** RFC 3261 §12.1.1: the callee's dialog, from the INVITE as received. */
export function calleeDialog({ headers, ...rest }: SipRequest, localTag: string, source: Source, ours: Ours): Dialog {
  return {
    callId: headers.get('Call-ID') ?? '',
    localTag,
    remoteTag: tagOf(headers, 'From') ?? '',
    local: withTag(headers.get('To') ?? '', localTag),
    remote: headers.get('From') ?? '',
    localSeq: 0,
    remoteSeq: parseCSeq(headers.get('CSeq'))?.number ?? 0,
    routes: recordRoutes(headers),
    target: targetOf({ ...rest, headers }, source),
    ...oursOf(ours),
  }
}

/** The next request of ours (RFC 3261 §12.2.1.1), with the dialog that remembers its number. */
export function nextRequest(dialog: Dialog, method: string, extra: Extra): readonly [Dialog, SipRequest] {
  const localSeq = dialog.localSeq + 1
  return [{ ...dialog, localSeq }, requestWith(dialog, method, localSeq, extra)]
}

/** The ACK to a 2xx bears the number of its INVITE: RFC 3261 §13.2.2.4. */
export const ackOf = (dialog: Dialog, cseq: number): SipRequest => requestWith(dialog, 'ACK', cseq, {})

/** The dialog after a request of the peer; `undefined` when it comes out of order: RFC 3261 §12.2.2. */
export function afterRequest(dialog: Dialog, request: SipRequest): Dialog | undefined {
  const remoteSeq = parseCSeq(request.headers.get('CSeq'))?.number ?? 0
  return dialog.remoteSeq !== undefined && remoteSeq < dialog.remoteSeq ? undefined : { ...dialog, remoteSeq }
}

/** The dialog after a target refresh: the Contact of a re-INVITE or of its 2xx. Without Contact it stays. */
export function refreshed(dialog: Dialog, message: SipMessage): Dialog {
  return { ...dialog, target: contactUri(message.headers) ?? dialog.target }
}

/** The URI of the next hop: the first route, else the remote target. */
export function nextHop({ routes: [first], target }: Dialog): string {
  return first === undefined ? target : (parseNameAddr(first)?.uri ?? target)
}

function requestWith(dialog: Dialog, method: string, cseq: number, extra: Extra): SipRequest {
  const { local: from, remote: to, callId, product } = dialog
  const contact = withoutContact.has(method) ? {} : { contact: dialog.contact }
  return requestOf({ method, ...routed(dialog), from, to, callId, cseq, ...contact, product }, extra)
}

/** RFC 3261 §20.10 table 2: Contact has no place in these. */
const withoutContact = new Set(['ACK', 'BYE', 'CANCEL', 'INFO', 'PRACK', 'MESSAGE'])

/** Loose routing, and the strict routing of RFC 2543: RFC 3261 §12.2.1.1. */
function routed({ routes, target }: Dialog): { uri: string; routes: readonly string[] } {
  const first = parseNameAddr(routes[0] ?? '')?.uri
  if (first === undefined || parseUri(first)?.params.has('lr') !== false) return { uri: target, routes }
  return { uri: first, routes: [...routes.slice(1), `<${target}>`] }
}

/** Where a peer without Contact is reached: where its message came from. */
function targetOf({ headers }: SipMessage, { remote, transport }: Source): string {
  return contactUri(headers) ?? uriAt(remote, transport)
}

function contactUri(headers: Headers): string | undefined {
  const uri = parseNameAddr(splitList(headers.get('Contact') ?? '')[0] ?? '')?.uri
  return uri !== undefined && parseUri(uri) !== undefined ? uri : undefined
}

const recordRoutes = (headers: Headers): string[] => headers.all('Record-Route').flatMap(splitList)

const oursOf = ({ contact, product }: Ours): Pick<Dialog, 'contact' | 'product'> =>
  product === undefined ? { contact } : { contact, product }
