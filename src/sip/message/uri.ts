import { bracketed, readPort } from './grammar.ts'

/** A sip:, sips: or tel: URI, RFC 3261 §19.1 and RFC 3966. */
export interface SipUri {
  /** In lower case. */
  readonly scheme: string
  /** Escapes undone; the number of a tel: URI. */
  readonly user?: string
  readonly password?: string
  /** IPv6 without brackets; empty for tel:. */
  readonly host: string
  readonly port?: number
  /** Names in lower case; escapes undone. */
  readonly params: ReadonlyMap<string, string | undefined>
  /** What stands behind `?`, as written. */
  readonly headers?: string
}

const forbidden = /[\s<>"\p{Cc}]/u
const hostPort = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(.*))?$/
const userUnsafe = /%(?![89A-Fa-f][0-9A-Fa-f])|[^-A-Za-z0-9_.!~*'()&=+$,;?/%]/gu
const paramUnsafe = /%(?![89A-Fa-f][0-9A-Fa-f])|[^-A-Za-z0-9_.!~*'()[\]/:&+$%]/gu
const headerUnsafe = /[^!#-;=?-~]/gu

/** Reads a sip:, sips: or tel: URI; `undefined` for any other scheme and for a malformed one. */
export function parseUri(text: string): SipUri | undefined {
  const colon = text.indexOf(':')
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase()
  const rest = text.slice(colon + 1)
  if (forbidden.test(rest)) return undefined
  if (scheme === 'tel') return parseTel(rest)
  return scheme === 'sip' || scheme === 'sips' ? parseSip(scheme, rest) : undefined
}

function parseTel(rest: string): SipUri | undefined {
  const [number = '', ...params] = rest.split(';')
  return /^\+?[-0-9A-Fa-f*#.()]+$/.test(number)
    ? { scheme: 'tel', user: number, host: '', params: readParams(params) }
    : undefined
}

function parseSip(scheme: string, rest: string): SipUri | undefined {
  const at = rest.indexOf('@')
  if (at === 0) return undefined
  const question = rest.indexOf('?', at + 1)
  const [where = '', ...params] = rest.slice(at + 1, question < 0 ? undefined : question).split(';')
  const place = readHost(where)
  if (place === undefined) return undefined
  return {
    scheme,
    ...(at < 0 ? {} : readUser(rest.slice(0, at))),
    ...place,
    params: readParams(params),
    ...(question < 0 ? {} : { headers: rest.slice(question + 1) }),
  }
}

function readUser(userinfo: string): { user: string; password?: string } {
  const colon = userinfo.indexOf(':')
  if (colon < 0) return { user: unescape(userinfo) }
  return { user: unescape(userinfo.slice(0, colon)), password: unescape(userinfo.slice(colon + 1)) }
}

function readHost(text: string): { host: string; port?: number } | undefined {
  const match = hostPort.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined) return undefined
  if (match?.[3] === undefined) return { host }
  const port = readPort(match[3])
  return port === undefined ? undefined : { host, port }
}

function readParams(pieces: readonly string[]): SipUri['params'] {
  const params = new Map<string, string | undefined>()
  for (const piece of pieces) {
    const equals = piece.indexOf('=')
    const name = unescape(equals < 0 ? piece : piece.slice(0, equals)).toLowerCase()
    if (name !== '' && !params.has(name)) params.set(name, equals < 0 ? undefined : unescape(piece.slice(equals + 1)))
  }
  return params
}

/** Writes the URI with every escape it needs. */
export function formatUri(uri: SipUri): string {
  const params = [...uri.params].map(([name, value]) => {
    return `;${escape(name, paramUnsafe)}${value === undefined ? '' : `=${escape(value, paramUnsafe)}`}`
  })
  if (uri.scheme === 'tel') return `tel:${uri.user ?? ''}${params.join('')}`
  const password = uri.password === undefined ? '' : `:${escape(uri.password, userUnsafe)}`
  const userinfo = uri.user === undefined ? '' : `${escape(uri.user, userUnsafe)}${password}@`
  const port = uri.port === undefined ? '' : `:${uri.port}`
  const headers = uri.headers === undefined ? '' : `?${escape(uri.headers, headerUnsafe)}`
  return `${uri.scheme}:${userinfo}${bracketed(uri.host)}${port}${params.join('')}${headers}`
}

/** Undoes %HH where it makes UTF-8; other escapes are left as they stand, and {@link escape} leaves them too. */
function unescape(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}

function escape(text: string, unsafe: RegExp): string {
  const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return text.replace(unsafe, (char) => [...Buffer.from(char)].map(percent).join(''))
}
