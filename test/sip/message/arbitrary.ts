import fc from 'fast-check'
import { canonical, Headers, type HeaderField } from '../../../src/sip/message/headers.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { formatNameAddr } from '../../../src/sip/message/name-addr.ts'

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~".split('')
export const token = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 })

/** Any text without line ends, as a header value reads it: no blanks at the edges. */
export const text = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((s) => s.replace(/[\r\n]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''))

export const params = fc
  .array(
    fc.tuple(
      token.map((t) => t.toLowerCase()),
      fc.option(text, { nil: undefined }),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => new Map(pairs))

export const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())

const uri = fc.tuple(token, fc.domain()).map(([user, domain]) => `sip:${encodeURIComponent(user)}@${domain}`)

export const nameAddr = fc
  .tuple(fc.option(text, { nil: undefined }), uri, params)
  .map(([display, uri, params]) => ({ ...(display === undefined ? {} : { display }), uri, params }))

const single = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length'])
const other: fc.Arbitrary<HeaderField> = fc
  .record({ name: token, value: text })
  .filter(({ name }) => !single.has(canonical(name)))

/** A message as a peer could write it: required headers in any order among others, any body. */
export const sipMessage: fc.Arbitrary<SipMessage> = fc
  .record({
    request: fc.boolean(),
    method: token,
    uri,
    status: fc.integer({ min: 100, max: 699 }),
    reason: text,
    from: nameAddr.map(formatNameAddr),
    to: nameAddr.map(formatNameAddr),
    callId: token,
    cseq: fc.nat(),
    others: fc.array(other, { maxLength: 6 }),
    body: fc.uint8Array({ maxLength: 200 }),
  })
  .chain((m) => {
    const required = [
      { name: 'v', value: 'SIP/2.0/TCP pbx.example.com;branch=z9hG4bK77' },
      { name: 'From', value: m.from },
      { name: 'to', value: m.to },
      { name: 'CALL-ID', value: m.callId },
      { name: 'CSeq', value: `${m.cseq} ${m.method}` },
      { name: 'Content-Length', value: String(m.body.length) },
    ]
    const fields = [...required, ...m.others]
    return fc.shuffledSubarray(fields, { minLength: fields.length }).map((shuffled): SipMessage => {
      const rest = { headers: new Headers(shuffled), body: m.body }
      if (m.request) return { type: 'request', method: m.method, uri: m.uri, ...rest }
      return { type: 'response', status: m.status, reason: m.reason, ...rest }
    })
  })

/** A copy with some bytes replaced, left out or doubled. */
export function mutated(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), what: fc.constantFrom('replace', 'cut', 'double'), byte: fc.nat(255) })
  return fc.tuple(bytes, fc.array(change, { minLength: 1, maxLength: 8 })).map(([original, changes]) => {
    let copy = [...original]
    for (const { at, what, byte } of changes) {
      const index = at % (copy.length + 1)
      if (what === 'replace') copy[index] = byte
      else if (what === 'cut') copy.splice(index, byte)
      else copy = [...copy.slice(0, index), ...copy.slice(Math.max(0, index - byte))]
    }
    return Uint8Array.from(copy)
  })
}
