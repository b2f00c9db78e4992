import type { Address } from '../../kernel/address.ts'
import type { Transport } from '../face.ts'
import { canonical, Headers } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { splitList } from '../message/name-addr.ts'
import { formatVia, topVia, type Via } from '../message/via.ts'
import { defaultPort, type Flow } from './flow.ts'

/** RFC 3261 §8.1.1.7: the beginning of every branch that is unique by itself. */
export const magicCookie = 'z9hG4bK'

/** Adds our Via on top: what the flow advertises, the branch, and rport (RFC 3581 §3). */
export function withVia(request: SipRequest, flow: Flow, branch: string): SipRequest {
  const params = new Map<string, string | undefined>([
    ['branch', branch],
    ['rport', undefined],
  ])
  const via = formatVia({ transport: flow.transport.toUpperCase(), ...flow.face, params })
  return { ...request, headers: request.headers.prepend({ name: 'Via', value: via }) }
}

/** Writes into the top Via where the request really came from: RFC 3261 §18.2.1, RFC 3581 §4. */
export function markReceived(request: SipRequest, from: Address): SipRequest {
  const via = topVia(request.headers)
  if (via === undefined) return request
  const params = new Map(via.params)
  const asked = params.has('rport')
  if (asked) params.set('rport', String(from.port))
  if (asked || via.host.toLowerCase() !== from.host.toLowerCase()) params.set('received', from.host)
  return { ...request, headers: withTopVia(request.headers, { ...via, params }) }
}

/** Where the response to a marked request goes over UDP: RFC 3261 §18.2.2, RFC 3581 §4. */
export function replyAddress(request: SipRequest, source: { transport: Transport; remote: Address }): Address {
  const via = topVia(request.headers)
  const rport = Number(via?.params.get('rport') ?? '')
  return { host: source.remote.host, port: rport > 0 ? rport : (via?.port ?? defaultPort(source.transport)) }
}

function withTopVia(headers: Headers, via: Via): Headers {
  const fields = [...headers]
  const at = fields.findIndex((field) => canonical(field.name) === 'via')
  return new Headers(
    fields.map((field, i) => {
      if (i !== at) return field
      return { name: field.name, value: [formatVia(via), ...splitList(field.value).slice(1)].join(', ') }
    }),
  )
}
