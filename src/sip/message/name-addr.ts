import { endOfQuoted, formatParams, parseParams, quote, splitOutside, unquote } from './grammar.ts'
import type { Headers } from './headers.ts'

/** The value of From, To, Contact, Diversion …: RFC 3261 §20.10. */
export interface NameAddr {
  /** Without quotes and escapes. */
  readonly display?: string
  readonly uri: string
  /** Parameters of the header, not of the URI; names in lower case. */
  readonly params: ReadonlyMap<string, string | undefined>
}

interface Cut {
  readonly display?: string
  readonly uri: string
  /** Index where the header's parameters begin. */
  readonly tail: number
}

const absoluteUri = /^[A-Za-z][-A-Za-z0-9+.]*:[^\s<>"]+$/

/** Reads a name-addr or addr-spec with parameters; `undefined` when malformed. */
export function parseNameAddr(value: string): NameAddr | undefined {
  const cut = cutAddress(value)
  if (cut === undefined || !absoluteUri.test(cut.uri)) return undefined
  const params = parseParams(value.slice(cut.tail))
  if (params === undefined) return undefined
  return { ...(cut.display === undefined ? {} : { display: cut.display }), uri: cut.uri, params }
}

function cutAddress(value: string): Cut | undefined {
  const start = value.search(/\S/)
  if (value[start] === '"') {
    const end = endOfQuoted(value, start)
    const display = end < 0 ? undefined : unquote(value.slice(start, end))
    return display === undefined ? undefined : cutBrackets(value, end, display)
  }
  const bracket = value.indexOf('<')
  const before = value.slice(0, Math.max(bracket, 0)).trim()
  if (bracket >= 0 && !/[;"]/.test(before)) return cutBrackets(value, bracket, before === '' ? undefined : before)
  return cutBare(value)
}

function cutBrackets(value: string, from: number, display: string | undefined): Cut | undefined {
  const open = value.indexOf('<', from)
  const close = value.indexOf('>', open)
  if (open < 0 || close < 0 || value.slice(from, open).trim() !== '') return undefined
  const cut = { uri: value.slice(open + 1, close).trim(), tail: close + 1 }
  return display === undefined ? cut : { display, ...cut }
}

/** Without brackets every parameter is the header's, and the URI must hold neither comma nor question mark (RFC 3261 §20). */
function cutBare(value: string): Cut | undefined {
  const semicolon = value.indexOf(';')
  const tail = semicolon < 0 ? value.length : semicolon
  const uri = value.slice(0, tail).trim()
  return /[,?]/.test(uri) ? undefined : { uri, tail }
}

/** Writes a name-addr, the display name quoted. */
export function formatNameAddr(n: NameAddr): string {
  const display = n.display === undefined ? '' : `${quote(n.display)} `
  return `${display}<${n.uri}>${formatParams(n.params)}`
}

/** Takes a comma list apart; commas in quotes and angle brackets do not count. Empty elements are left out. */
export function splitList(value: string): readonly string[] {
  return splitOutside(value, ',').filter((piece) => piece !== '')
}

export function tagOf(headers: Headers, name: 'From' | 'To'): string | undefined {
  return parseNameAddr(headers.get(name) ?? '')?.params.get('tag')
}

/** The value with this tag in place of any it had; the rest as written. */
export function withTag(value: string, tag: string): string {
  const tail = cutAddress(value)?.tail ?? value.length
  const kept = splitOutside(value.slice(tail), ';').filter((piece) => piece !== '' && !/^tag\s*(?:=|$)/i.test(piece))
  return [value.slice(0, tail).trim(), ...kept, `tag=${tag}`].join(';')
}
