import { parseCSeq } from './cseq.ts'
import { readHead, type Fault, type Head } from './head.ts'
import { canonical, Headers } from './headers.ts'
import type { SipMessage, SipRequest } from './message.ts'
import { parseNameAddr } from './name-addr.ts'
import { topVia } from './via.ts'

export type ParseResult =
  | { readonly ok: true; readonly message: SipMessage }
  | {
      readonly ok: false
      /** What is wrong, for a log and for the reason phrase of a 400. */
      readonly reason: string
      /** Byte offset of the fault. */
      readonly offset: number
      /** There when enough could be read to answer 400: Via, From, To, Call-ID and CSeq stand in it. */
      readonly request?: SipRequest
    }

/** Most bytes that one message may have. */
export const maxMessageBytes = 65_536

/** Reads one datagram as one message (RFC 3261 §18.3). Never throws. */
export function parseMessage(bytes: Uint8Array): ParseResult {
  if (bytes.length > maxMessageBytes) return tooLong(maxMessageBytes)
  const head = readHead(bytes)
  return complete(head, new Headers(head.fields), bytes)
}

export function tooLong(limit: number): ParseResult {
  return { ok: false, reason: `the message is longer than ${limit} bytes`, offset: limit }
}

/** Joins a head with its body; `bytes` is the whole message, and what stands behind Content-Length is dropped. */
export function complete(head: Head, headers: Headers, bytes: Uint8Array): ParseResult {
  const { start } = head
  const length = contentLength(headers)
  const end = typeof length === 'number' ? head.end + length : bytes.length
  const body = new Uint8Array(bytes.subarray(head.end, end))
  const fault = head.fault ?? faultOf(head, headers) ?? lengthFault(head, length, end > bytes.length)
  if (fault !== undefined || start === undefined) return failed(head, headers, body, fault)
  return { ok: true, message: { ...start, headers, body } }
}

/** The value of Content-Length; `undefined` when there is none, `malformed` also when two disagree. */
export function contentLength(headers: Headers): number | 'malformed' | undefined {
  const [value, ...others] = headers.all('Content-Length')
  if (value === undefined) return undefined
  return /^\d{1,9}$/.test(value) && others.every((other) => other === value) ? Number(value) : 'malformed'
}

/** The result for a message that cannot be used. */
export function failed(head: Head, headers: Headers, body: Uint8Array, fault?: Fault): ParseResult {
  const { reason, offset } = fault ?? { reason: 'the start line is malformed', offset: 0 }
  const result = { ok: false, reason, offset } as const
  if (head.start?.type !== 'request' || topVia(headers) === undefined) return result
  return single.every((name) => headers.has(name)) ? { ...result, request: { ...head.start, headers, body } } : result
}

const single = ['From', 'To', 'Call-ID', 'CSeq']

function faultOf(head: Head, headers: Headers): Fault | undefined {
  if (!headers.has('Via')) return { reason: 'Via is missing', offset: head.end }
  if (topVia(headers) === undefined) return at(head, 'Via', 'is malformed')
  for (const name of single) {
    const [value, ...others] = headers.all(name)
    if (value === undefined) return { reason: `${name} is missing`, offset: head.end }
    if (others.length > 0) return at(head, name, 'stands more than once')
    if (!wellFormed(name, value)) return at(head, name, 'is malformed')
  }
  const method = parseCSeq(headers.get('CSeq'))?.method
  if (head.start?.type === 'request' && head.start.method !== method) {
    return at(head, 'CSeq', 'has another method than the request')
  }
  return undefined
}

function wellFormed(name: string, value: string): boolean {
  if (name === 'CSeq') return parseCSeq(value) !== undefined
  if (name === 'Call-ID') return /^\S+$/.test(value)
  return parseNameAddr(value) !== undefined
}

function lengthFault(head: Head, length: ReturnType<typeof contentLength>, short: boolean): Fault | undefined {
  if (length === 'malformed') return at(head, 'Content-Length', 'is malformed')
  return short ? at(head, 'Content-Length', 'is more than the bytes that follow') : undefined
}

function at(head: Head, name: string, what: string): Fault {
  const index = head.fields.findIndex((field) => canonical(field.name) === canonical(name))
  return { reason: `${name} ${what}`, offset: head.offsets[index] ?? head.end }
}
