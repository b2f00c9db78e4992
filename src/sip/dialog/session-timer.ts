import { leastSeconds } from '../message/session-expires.ts'
import type { TimerTable } from '../transaction/timers.ts'
import type { SessionInterval } from './session-interval.ts'

/**
 * Session timer of one dialog: RFC 4028 §7.2, §9 and §10. A pure function; RFC 4028 gives its timers no letters.
 * `agreed`: a 2xx to a session refresh request named an interval. `none`: it named none.
 * `refused`: our refresh had another final response; `againMs` when it may be tried again.
 */
export type State = 'off' | 'running' | 'refreshing' | 'terminated'
export type Timer = 'refresh' | 'expiry'
export type Event =
  | ({ readonly type: 'agreed' } & SessionInterval)
  | { readonly type: 'none' }
  | { readonly type: 'refused'; readonly againMs?: number }
  | { readonly type: 'timer'; readonly name: Timer }
export type Effect =
  | { readonly do: 'send-refresh' | 'report-refused' | 'expire' }
  | { readonly do: 'start'; readonly timer: Timer; readonly ms: number }
  | { readonly do: 'stop'; readonly timer: Timer }
export interface Machine {
  readonly state: State
  readonly timers: TimerTable
  readonly interval?: SessionInterval
  /** Refreshes sent since the latest 2xx. */
  readonly tries: number
}
export type Step = readonly [Machine, readonly Effect[]]

/** RFC 4028 §10: a refused refresh is not tried for ever. */
const mostTries = 10

export const begin = (timers: TimerTable): Machine => ({ state: 'off', timers, tries: 0 })

export function step(m: Machine, event: Event): Step {
  if (m.state === 'terminated') return [m, []]
  switch (event.type) {
    case 'agreed':
      return agreed(m, event)
    case 'none':
      return [begin(m.timers), [stop('refresh'), stop('expiry')]]
    case 'refused':
      return refused(m, event.againMs)
    case 'timer':
      return event.name === 'refresh' ? due(m) : expired(m)
  }
}

/** RFC 4028 §10: a refresh at half the interval; the end 32 s (64*T1) before the interval is over, or a third of it. */
function agreed({ timers }: Machine, { seconds, refresher }: SessionInterval): Step {
  const ms = Math.max(leastSeconds, seconds) * 1000
  const early = Math.min(64 * timers.t1, ms / 3)
  return [
    { state: 'running', timers, interval: { seconds, refresher }, tries: 0 },
    [refresher === 'local' ? start('refresh', ms / 2) : stop('refresh'), start('expiry', ms - early)],
  ]
}

function due(m: Machine): Step {
  return [{ ...m, state: 'refreshing', tries: m.tries + 1 }, [{ do: 'send-refresh' }]]
}

/** Only a 2xx makes the session longer: what is refused leaves the end where it was (RFC 4028 §10). */
function refused(m: Machine, againMs: number | undefined): Step {
  if (m.state !== 'refreshing') return [m, []]
  const again = againMs !== undefined && m.tries < mostTries
  return [{ ...m, state: 'running' }, [again ? start('refresh', againMs) : { do: 'report-refused' }]]
}

function expired(m: Machine): Step {
  return [{ ...m, state: 'terminated' }, [stop('refresh'), { do: 'expire' }]]
}

const start = (timer: Timer, ms: number): Effect => ({ do: 'start', timer, ms })
const stop = (timer: Timer): Effect => ({ do: 'stop', timer })
