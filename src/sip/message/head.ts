import { isToken } from './grammar.ts'
import type { HeaderField } from './headers.ts'

export interface Fault {
  readonly reason: string
  /** Byte offset in what was handed in. */
  readonly offset: number
}

export type StartLine =
  | { readonly type: 'request'; readonly method: string; readonly uri: string }
  | { readonly type: 'response'; readonly status: number; readonly reason: string }

/** All of a message but its body. Reading goes on behind a fault, so that a request can still be answered. */
export interface Head {
  /** Missing when not even a method could be read. */
  readonly start?: StartLine
  readonly fields: readonly HeaderField[]
  /** Byte offset of each field. */
  readonly offsets: readonly number[]
  /** Byte offset of the body: behind the empty line. */
  readonly end: number
  /** The first fault. */
  readonly fault?: Fault
}

/** Most header fields that one message may have. */
export const maxFields = 256

const emptyLine = '\r\n\r\n'
const requestLine = /^([^\s:]+) +(\S+(?: +\S+)*?)(?: +(\S+))?$/
const statusLine = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i
const absoluteUri = /^[A-Za-z][-A-Za-z0-9+.]*:[^\s<>"]+$/

/** Reads start line and header fields; empty lines before them are skipped (RFC 3261 §7.5). */
export function readHead(input: Uint8Array): Head {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
  const begin = skipEmptyLines(bytes)
  const found = bytes.indexOf(emptyLine, begin, 'latin1')
  const end = found < 0 ? bytes.length : found
  const { text, encoding } = decode(bytes.subarray(begin, end))
  const plain = text.length === end - begin
  const offsetOf = (at: number): number => begin + (plain ? at : Buffer.byteLength(text.slice(0, at), encoding))

  let fault: Fault | undefined
  const note: Note = (reason, at) => {
    fault ??= { reason, offset: offsetOf(at) }
  }
  const lines = text.split('\r\n')
  noteBareLineEnd(lines, note)
  const start = readStartLine(lines[0] ?? '', note)
  const { fields, starts } = readFields(lines, note)
  if (found < 0) note('no empty line ends the headers', text.length)
  return {
    ...(start === undefined ? {} : { start }),
    fields,
    offsets: starts.map(offsetOf),
    end: found < 0 ? end : end + emptyLine.length,
    ...(fault === undefined ? {} : { fault }),
  }
}

function skipEmptyLines(bytes: Uint8Array): number {
  let at = 0
  while (bytes[at] === 13 && bytes[at + 1] === 10) at += 2
  return at
}

/** UTF-8 (RFC 3261 §7.3.1); what is not UTF-8 is read as latin1, so that it stays readable. */
function decode(bytes: Buffer): { text: string; encoding: 'utf8' | 'latin1' } {
  const text = bytes.toString('utf8')
  const lossy = text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(bytes)
  return lossy ? { text: bytes.toString('latin1'), encoding: 'latin1' } : { text, encoding: 'utf8' }
}

/** Takes down a fault at a character of the head; the first one counts. */
type Note = (reason: string, at: number) => void

function noteBareLineEnd(lines: readonly string[], note: Note): void {
  let at = 0
  for (const line of lines) {
    const bare = line.search(/[\r\n]/)
    if (bare >= 0) note('a CR or LF stands alone', at + bare)
    at += line.length + 2
  }
}

function readStartLine(line: string, note: Note): StartLine | undefined {
  if (/^SIP\//i.test(line)) {
    const match = statusLine.exec(line)
    if (match !== null) return { type: 'response', status: Number(match[1]), reason: match[2] ?? '' }
    note('the status line is not "SIP/2.0 status reason"', 0)
    return undefined
  }
  const [, method = '', uri = '', version = ''] = requestLine.exec(line) ?? []
  if (!isToken(method)) {
    note('the first line is neither a request line nor a status line', 0)
    return undefined
  }
  if (version.toUpperCase() !== 'SIP/2.0') note('the version is not SIP/2.0', line.length - version.length)
  else if (!absoluteUri.test(uri)) note('the Request-URI is malformed', method.length + 1)
  else if (line.length !== method.length + uri.length + version.length + 2) {
    note('the request line has more than one space between its parts', method.length)
  }
  return { type: 'request', method, uri }
}

function readFields(lines: readonly string[], note: Note): { fields: HeaderField[]; starts: number[] } {
  const fields: HeaderField[] = []
  const starts: number[] = []
  let at = (lines[0]?.length ?? 0) + 2
  for (const line of lines.slice(1)) {
    const last = fields.at(-1)
    if (/^[ \t]/.test(line)) {
      if (last === undefined) note('a folded line has no header to continue', at)
      else fields[fields.length - 1] = { name: last.name, value: unfold(last.value, line) }
    } else if (fields.length === maxFields) {
      note(`there are more than ${maxFields} header fields`, at)
      break
    } else {
      const field = readField(line)
      if (field === undefined) note('a header line is not "name: value"', at)
      else {
        fields.push(field)
        starts.push(at)
      }
    }
    at += line.length + 2
  }
  return { fields, starts }
}

function readField(line: string): HeaderField | undefined {
  const colon = line.indexOf(':')
  const name = trimBlank(line.slice(0, Math.max(colon, 0)))
  return isToken(name) ? { name, value: trimBlank(line.slice(colon + 1)) } : undefined
}

/** RFC 3261 §7.3.1: a folded line is the same as one space. */
function unfold(value: string, line: string): string {
  const more = trimBlank(line)
  return value === '' || more === '' ? value + more : `${value} ${more}`
}

function trimBlank(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}
