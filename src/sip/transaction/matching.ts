import type { Headers } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { parseCSeq } from '../message/cseq.ts'
import { tagOf } from '../message/name-addr.ts'
import { topVia } from '../message/via.ts'
import { magicCookie } from '../transport/via.ts'

/** RFC 3261 §17.1.3: the branch of the top Via and the method in CSeq. */
export function clientKey({ headers }: SipRequest | SipResponse): string {
  return `${topVia(headers)?.params.get('branch') ?? ''} ${parseCSeq(headers.get('CSeq'))?.method ?? ''}`
}

/**
 * RFC 3261 §17.2.3: branch, sent-by and method, where an ACK has the key of its INVITE, and with `method` a CANCEL has
 * that of the request it cancels. Without the magic cookie: what RFC 2543 compared.
 */
export function serverKey({ headers, method, uri }: SipRequest, of = method === 'ACK' ? 'INVITE' : method): string {
  const via = topVia(headers)
  const branch = via?.params.get('branch')
  if (branch?.startsWith(magicCookie) === true) {
    return [branch, `${via?.host.toLowerCase() ?? ''}:${via?.port ?? ''}`, of].join(' ')
  }
  return [uri, ...identity(headers), headers.get('Via') ?? '', of].join(' ')
}

/** RFC 3261 §8.2.2.2: two requests with this in common are one that came by two ways. */
export function mergedKey({ headers, method }: SipRequest): string {
  return [...identity(headers), method].join(' ')
}

const identity = (headers: Headers): readonly string[] => [
  headers.get('Call-ID') ?? '',
  tagOf(headers, 'From') ?? '',
  String(parseCSeq(headers.get('CSeq'))?.number ?? ''),
]
