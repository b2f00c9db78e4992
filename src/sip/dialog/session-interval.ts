import type { Extra, Reply, SessionTimerOrder } from '../face.ts'
import { canonical, type HeaderField, type Headers } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import {
  formatSessionExpires,
  knowsTimer,
  leastSeconds,
  readMinSe,
  readSessionExpires,
  type Refresher,
  type SessionExpires,
} from '../message/session-expires.ts'

/** What session refresh requests (INVITE and UPDATE) and their 2xx say of the session timer: RFC 4028 §7 and §9. */

/** What the latest 2xx agreed on, as this side sees it. */
export interface SessionInterval {
  readonly seconds: number
  readonly refresher: 'local' | 'remote'
}

/** What a request of ours asks for. */
export interface Asked extends SessionExpires {
  readonly minSeconds: number
}

/** The shortest interval that we take, in whole seconds. */
export function leastTaken(order: SessionTimerOrder | undefined): number {
  return Math.max(leastSeconds, wholeSeconds(order?.minMs ?? 0))
}

/**
 * What our next session refresh request asks for: in a session with a timer the same interval and the same refresher
 * (RFC 4028 §7.4), else what we are set to (§7.1); `undefined` for no timer.
 * `minSeconds` is the largest Min-SE that this dialog has seen.
 */
export function asking(
  order: SessionTimerOrder | undefined,
  minSeconds: number,
  current?: SessionInterval,
): Asked | undefined {
  const wanted = current === undefined ? order && ordered(order) : unchanged(current)
  return wanted && { ...wanted, seconds: Math.max(wanted.seconds, minSeconds), minSeconds }
}

/** What to ask for after a 422 (RFC 4028 §7.3); `undefined` for any other response and for a 422 that asks for no more. */
export function askingMore(asked: Asked | undefined, { status, headers }: SipResponse): Asked | undefined {
  const minSeconds = readMinSe(headers)
  if (asked === undefined || status !== 422 || minSeconds <= asked.seconds) return undefined
  return { ...asked, seconds: minSeconds, minSeconds }
}

export function askedFields(asked: Asked | undefined): readonly HeaderField[] {
  if (asked === undefined) return []
  const expires = { name: 'Session-Expires', value: formatSessionExpires(asked) }
  return asked.minSeconds > leastSeconds ? [expires, { name: 'Min-SE', value: String(asked.minSeconds) }] : [expires]
}

/** The 422 to a request whose interval is too short, where its sender can make it longer: RFC 4028 §9. */
export function refusingInterval({ headers }: SipRequest, least: number): Reply | undefined {
  const expires = readSessionExpires(headers)
  if (expires === undefined || expires.seconds >= least || !knowsTimer(headers)) return undefined
  return { status: 422, headers: [{ name: 'Min-SE', value: String(least) }] }
}

/**
 * What our 2xx to a session refresh request grants: RFC 4028 §9. `undefined` for no timer.
 * Where the peer knows timers and leaves the refresher open, it stays who it is, and is the peer at first.
 * Where it does not, a proxy asked, and we refresh; its interval is made long enough here (erratum 1687).
 */
export function granting(
  { headers }: SipRequest,
  order: SessionTimerOrder | undefined,
  current?: SessionInterval,
): Required<SessionExpires> | undefined {
  const expires = readSessionExpires(headers)
  const least = readMinSe(headers)
  if (!knowsTimer(headers)) {
    return expires && { seconds: Math.max(expires.seconds, least, leastTaken(order)), refresher: 'uas' }
  }
  const ours = asking(order, Math.max(least, leastTaken(order)), current)
  const seconds = expires?.seconds ?? ours?.seconds
  return seconds === undefined ? undefined : { seconds, refresher: expires?.refresher ?? staying(current) }
}

/** RFC 4028 §9: Require wherever the peer knows timers, since it must refresh or notice that nobody does. */
export function grantedFields(
  { headers }: SipRequest,
  granted: Required<SessionExpires> | undefined,
): readonly HeaderField[] {
  if (granted === undefined) return []
  const expires = { name: 'Session-Expires', value: formatSessionExpires(granted) }
  return knowsTimer(headers) ? [{ name: 'Require', value: 'timer' }, expires] : [expires]
}

/** What the 2xx to a request of ours agreed on; one that names no refresher leaves it to us (RFC 4028 §7.2). */
export function agreedBy(headers: Headers): SessionInterval | undefined {
  const expires = readSessionExpires(headers)
  return expires && { seconds: expires.seconds, refresher: expires.refresher === 'uas' ? 'remote' : 'local' }
}

/** Adds headers of the engine's to a service's; those that the service gives itself stay as they are. */
export function withFields<T extends Extra>(extra: T, fields: readonly HeaderField[]): T {
  const given = new Set(extra.headers?.map(({ name }) => canonical(name)))
  return { ...extra, headers: [...fields.filter(({ name }) => !given.has(canonical(name))), ...(extra.headers ?? [])] }
}

const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000)

const ordered = ({ expiresMs, refresher }: SessionTimerOrder): SessionExpires => ({
  seconds: wholeSeconds(expiresMs),
  ...(refresher === undefined ? {} : { refresher }),
})

/** In a request of ours: RFC 4028 §7.4. */
const unchanged = ({ seconds, refresher }: SessionInterval): SessionExpires => ({
  seconds,
  refresher: refresher === 'local' ? 'uac' : 'uas',
})

/** In a 2xx of ours. */
const staying = (current: SessionInterval | undefined): Refresher => (current?.refresher === 'local' ? 'uas' : 'uac')
