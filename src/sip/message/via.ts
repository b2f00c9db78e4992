import { bracketed, formatParams, parseParams, readPort } from './grammar.ts'
import type { Headers } from './headers.ts'
import { splitList } from './name-addr.ts'

/** One hop of Via: RFC 3261 §20.42. */
export interface Via {
  /** In upper case. */
  readonly transport: string
  /** IPv6 without brackets. */
  readonly host: string
  readonly port?: number
  /** Names in lower case; `rport` without a value is there with `undefined`. */
  readonly params: ReadonlyMap<string, string | undefined>
}

const shape =
  /^SIP\s*\/\s*2\.0\s*\/\s*([-\w.!%*+`'~]+)\s+(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))\s*(?::\s*(\d+)\s*)?(;.*)?$/is

/** Reads one element of a Via header; `undefined` when malformed. */
export function parseVia(value: string): Via | undefined {
  const match = shape.exec(value.trim())
  const host = match?.[2] ?? match?.[3]
  const transport = match?.[1]?.toUpperCase()
  const params = parseParams(match?.[5] ?? '')
  if (host === undefined || transport === undefined || params === undefined) return undefined
  if (match?.[4] === undefined) return { transport, host, params }
  const port = readPort(match[4])
  return port === undefined ? undefined : { transport, host, port, params }
}

export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`
  return `SIP/2.0/${via.transport} ${bracketed(via.host)}${port}${formatParams(via.params)}`
}

/** The first element of the first Via; `undefined` when there is none or it is malformed. */
export function topVia(headers: Headers): Via | undefined {
  return parseVia(splitList(headers.get('Via') ?? '')[0] ?? '')
}
