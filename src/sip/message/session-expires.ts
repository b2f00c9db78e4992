import { parseParams } from './grammar.ts'
import type { HeaderField, Headers } from './headers.ts'
import { splitList } from './name-addr.ts'

/** Who refreshes, by its part in the request that the header stands in, or answers. */
export type Refresher = 'uac' | 'uas'

/** RFC 4028 §4: how long a session lives without a refresh, and who sends it. */
export interface SessionExpires {
  readonly seconds: number
  readonly refresher?: Refresher
}

/** RFC 4028 §4, §5: no interval may be shorter; Min-SE is this where it is missing. */
export const leastSeconds = 90

/** The option tag of session timers, as we write it: RFC 4028 §7.1. */
export const supported: HeaderField = { name: 'Supported', value: 'timer' }

const deltaSeconds = /^(\d{1,10})\s*((?:;.*)?)$/s

/** `undefined` when missing or malformed. */
export function readSessionExpires(headers: Headers): SessionExpires | undefined {
  const [, digits, tail = ''] = deltaSeconds.exec(headers.get('Session-Expires') ?? '') ?? []
  const params = parseParams(tail)
  if (digits === undefined || params === undefined) return undefined
  const refresher = params.get('refresher')?.toLowerCase()
  return { seconds: Number(digits), ...(refresher === 'uac' || refresher === 'uas' ? { refresher } : {}) }
}

export function formatSessionExpires({ seconds, refresher }: SessionExpires): string {
  return refresher === undefined ? String(seconds) : `${seconds};refresher=${refresher}`
}

/** Seconds; 90 when missing, malformed or smaller. */
export function readMinSe(headers: Headers): number {
  const [, digits = ''] = deltaSeconds.exec(headers.get('Min-SE') ?? '') ?? []
  return Math.max(leastSeconds, Number(digits))
}

/** Whether the sender of a request knows session timers. */
export function knowsTimer(headers: Headers): boolean {
  const tags = [...headers.all('Supported'), ...headers.all('Require')].flatMap(splitList)
  return tags.some((tag) => tag.toLowerCase() === supported.value)
}
