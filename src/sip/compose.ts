import { token, type Random } from '../kernel/random.ts'
import type { PosternError } from '../kernel/errors.ts'
import type { Extra, Reply } from './face.ts'
import { parseCSeq } from './message/cseq.ts'
import { canonical, Headers, type HeaderField } from './message/headers.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import { tagOf, withTag } from './message/name-addr.ts'
import { reasonPhrase } from './message/reason-phrase.ts'
import { supported } from './message/session-expires.ts'
import { formatUri, parseUri } from './message/uri.ts'
import type { Flow } from './transport/flow.ts'

/** What the engine handles by itself; a service that handles more says so in an Allow of its own. */
export const allow: HeaderField = { name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE' }

/** A target refresh request, and a session refresh request (RFC 3261 §12.2, RFC 3311 §5.2, RFC 4028 §2). */
export const isRefresh = (method: string): boolean => method === 'INVITE' || method === 'UPDATE'

/** Headers that the transaction, the dialog or the framing own: an extra of that name is left out. */
const owned = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length', 'content-type'])

/** The engine's headers with a service's added; one of the same name takes the place of the engine's. */
function merge(base: readonly HeaderField[], extra: Extra): { headers: Headers; body: Uint8Array } {
  const given = (extra.headers ?? []).filter(({ name }) => !owned.has(canonical(name)))
  const names = new Set(given.map(({ name }) => canonical(name)))
  const kept = base.filter(({ name }) => !names.has(canonical(name)))
  const type = extra.body === undefined ? [] : [{ name: 'Content-Type', value: extra.body.type }]
  return { headers: new Headers([...kept, ...given, ...type]), body: extra.body?.bytes ?? new Uint8Array() }
}

export interface RequestParts {
  readonly method: string
  readonly uri: string
  /** With tag. */
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly cseq: number
  readonly routes?: readonly string[]
  readonly contact?: string
  readonly product?: string | undefined
}

/** A request without Via (RFC 3261 §8.1.1). */
export function requestOf(parts: RequestParts, extra: Extra = {}): SipRequest {
  const { method, uri, contact, product } = parts
  const base: HeaderField[] = [
    ...(parts.routes ?? []).map((value) => ({ name: 'Route', value })),
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: parts.from },
    { name: 'To', value: parts.to },
    { name: 'Call-ID', value: parts.callId },
    { name: 'CSeq', value: `${parts.cseq} ${method}` },
    ...(contact === undefined ? [] : [{ name: 'Contact', value: contact }]),
    ...(isRefresh(method) ? [allow] : []),
    ...(method === 'ACK' ? [] : [supported]),
    ...(product === undefined ? [] : [{ name: 'User-Agent', value: product }]),
  ]
  return { type: 'request', method, uri, ...merge(base, extra) }
}

export interface ResponseParts {
  /** Added to To where it has none (RFC 3261 §8.2.6.2). */
  readonly tag?: string
  readonly contact?: string
  readonly product?: string | undefined
}

/** A response to a request (RFC 3261 §8.2.6). */
export function responseTo(request: SipRequest, reply: Reply, parts: ResponseParts = {}): SipResponse {
  const { status } = reply
  const { tag, contact, product } = parts
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    request.headers.all(name).map((value) => ({ name, value })),
  )
  const tagged = copied.map((field) =>
    field.name === 'To' && status > 100 && tag !== undefined && tagOf(request.headers, 'To') === undefined
      ? { name: 'To', value: withTag(field.value, tag) }
      : field,
  )
  const accepts = isRefresh(request.method) && status >= 200 && status < 300
  const makesDialog = request.method === 'INVITE' && status > 100 && status < 300
  const base: HeaderField[] = [
    ...tagged,
    ...(makesDialog ? request.headers.all('Record-Route').map((value) => ({ name: 'Record-Route', value })) : []),
    ...(contact === undefined ? [] : [{ name: 'Contact', value: contact }]),
    ...(accepts || status === 405 ? [allow] : []),
    ...(accepts ? [supported] : []),
    ...(product === undefined ? [] : [{ name: 'Server', value: product }]),
  ]
  return { type: 'response', status, reason: reply.reason ?? reasonPhrase(status), ...merge(base, reply) }
}

/** The response that a transaction without an answer ends with (RFC 3261 §8.1.3.1); Warning says why. */
export function localResponse(request: SipRequest, status: number, error?: PosternError): SipResponse {
  const warning = `399 postern "${error === undefined ? '' : `${error.code}: ${error.message.replace(/["\\]/g, "'")}`}"`
  const headers = error === undefined ? [] : [{ name: 'Warning', value: warning }]
  return responseTo(request, { status, headers })
}

/** The ACK to a final response of 300 or more, of the same branch: RFC 3261 §17.1.1.3. */
export function ackFor(invite: SipRequest, response: SipResponse): SipRequest {
  return companion(invite, 'ACK', response.headers.get('To'))
}

/** RFC 3261 §9.1: of the same branch as the request it cancels. */
export function cancelFor(invite: SipRequest): SipRequest {
  return companion(invite, 'CANCEL', invite.headers.get('To'))
}

function companion({ uri, headers }: SipRequest, method: string, to = ''): SipRequest {
  const copies = (name: string): HeaderField[] => headers.all(name).map((value) => ({ name, value }))
  const fields = [
    ...copies('Via').slice(0, 1),
    ...copies('Route'),
    { name: 'Max-Forwards', value: '70' },
    ...copies('From'),
    { name: 'To', value: to },
    ...copies('Call-ID'),
    { name: 'CSeq', value: `${parseCSeq(headers.get('CSeq'))?.number ?? 0} ${method}` },
  ]
  return { type: 'request', method, uri, headers: new Headers(fields), body: new Uint8Array() }
}

/** Our Contact on a flow: what it advertises, and its transport unless that is UDP. */
export function contactOf(flow: Flow, user?: string): string {
  return `<${uriAt(flow.face, flow.transport, user)}>`
}

/** A SIP URI of an address. */
export function uriAt({ host, port }: Flow['face'], transport: Flow['transport'], user?: string): string {
  const params = new Map<string, string | undefined>(transport === 'udp' ? [] : [['transport', transport]])
  return formatUri({ scheme: 'sip', ...(user === undefined ? {} : { user }), host, port, params })
}

/** The user that a request asked for, to stand in our Contact. */
export const userOf = (uri: string): string | undefined => parseUri(uri)?.user

export const newTag = (random: Random): string => token(random, 6)
export const newCallId = (random: Random): string => token(random, 12)
