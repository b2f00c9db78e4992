/** What several headers have in common: RFC 3261 §25.1. */

export type Params = ReadonlyMap<string, string | undefined>

const tokenOnly = /^[-A-Za-z0-9.!%*_+`'~]+$/
/** A token or a host, so that `received=2001:db8::1` stays bare. */
const plainValue = /^[-A-Za-z0-9.!%*_+`'~:[\]]+$/
const quotedOnly = /^"(?:[^"\\]|\\.)*"$/s

export function isToken(text: string): boolean {
  return tokenOnly.test(text)
}

/** A host without brackets around IPv6 put back into the form of a URI or Via. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** The value of a port of 0 to 65535 in decimal; `undefined` for anything else. */
export function readPort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

/** As a quoted-string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** The text of a quoted-string; `undefined` when it is none. */
export function unquote(text: string): string | undefined {
  return quotedOnly.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : undefined
}

/** Index just behind the quoted-string that begins at `from`, or -1 when it does not end. */
export function endOfQuoted(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i + 1
  }
  return -1
}

/** Cuts at `separator` where it stands outside quotes and angle brackets; the pieces are trimmed. */
export function splitOutside(text: string, separator: ',' | ';'): readonly string[] {
  if (!text.includes(separator)) return [text.trim()]
  const pieces: string[] = []
  let start = 0
  let inBrackets = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '"' && !inBrackets) {
      const end = endOfQuoted(text, i)
      if (end < 0) break
      i = end - 1
    } else if (char === '<') inBrackets = true
    else if (char === '>') inBrackets = false
    else if (char === separator && !inBrackets) {
      pieces.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return [...pieces, text.slice(start).trim()]
}

/**
 * Reads `;name=value;flag`, as it stands behind a name-addr or a Via.
 * Names come out in lower case, quoted values without their quotes; the first of two equal names counts.
 * `undefined` when malformed.
 */
export function parseParams(text: string): Params | undefined {
  const params = new Map<string, string | undefined>()
  const trimmed = text.trim()
  if (trimmed === '') return params
  const [before, ...pieces] = splitOutside(trimmed, ';')
  if (before !== '') return undefined
  for (const piece of pieces) {
    const param = parseParam(piece)
    if (param === undefined) return undefined
    if (!params.has(param[0])) params.set(param[0], param[1])
  }
  return params
}

function parseParam(piece: string): readonly [string, string | undefined] | undefined {
  const equals = piece.indexOf('=')
  const name = (equals < 0 ? piece : piece.slice(0, equals)).trim()
  if (!isToken(name)) return undefined
  if (equals < 0) return [name.toLowerCase(), undefined]
  const raw = piece.slice(equals + 1).trim()
  const value = raw.startsWith('"') ? unquote(raw) : /[\s"<>]/.test(raw) ? undefined : raw
  return value === undefined ? undefined : [name.toLowerCase(), value]
}

/** The opposite of {@link parseParams}: a value that is neither token nor host is quoted. */
export function formatParams(params: Params): string {
  return [...params].map(([name, value]) => `;${name}${value === undefined ? '' : `=${valueText(value)}`}`).join('')
}

function valueText(value: string): string {
  return plainValue.test(value) ? value : quote(value)
}
