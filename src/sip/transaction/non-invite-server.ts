import type { TimerTable } from './timers.ts'

/**
 * Server transaction of every method but INVITE and ACK: RFC 3261 §17.2.2. A pure function.
 *
 * `send-response` sends the response of the latest `respond` that itself led to `send-response`: one handed in after the
 * final response is not sent, and must not take its place.
 */
export type State = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type Timer = 'J'
export type Event =
  /** The request again. */
  | { readonly type: 'request' }
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'timer'; readonly name: Timer }
  | { readonly type: 'transport-error' }
export type Effect =
  | { readonly do: 'pass-request' | 'send-response' | 'report-transport-error' }
  | { readonly do: 'start'; readonly timer: Timer; readonly ms: number }
  | { readonly do: 'stop'; readonly timer: Timer }
export interface Machine {
  readonly state: State
  readonly reliable: boolean
  readonly timers: TimerTable
}
export type Step = readonly [Machine, readonly Effect[]]

/** Takes in the request that made the transaction. */
export function begin(reliable: boolean, timers: TimerTable): Step {
  return [{ state: 'trying', reliable, timers }, [{ do: 'pass-request' }]]
}

export function step(m: Machine, event: Event): Step {
  if (m.state === 'terminated') return [m, []]
  switch (event.type) {
    case 'request':
      return [m, m.state === 'trying' ? [] : [{ do: 'send-response' }]]
    case 'respond':
      return m.state === 'completed' ? [m, []] : respond(m, event.status)
    case 'timer':
      return m.state === 'completed' ? [{ ...m, state: 'terminated' }, []] : [m, []]
    case 'transport-error':
      return [{ ...m, state: 'terminated' }, [{ do: 'stop', timer: 'J' }, { do: 'report-transport-error' }]]
  }
}

function respond(m: Machine, status: number): Step {
  if (status < 200) return [{ ...m, state: 'proceeding' }, [{ do: 'send-response' }]]
  const j = m.reliable ? 0 : 64 * m.timers.t1
  return [{ ...m, state: 'completed' }, [{ do: 'send-response' }, { do: 'start', timer: 'J', ms: j }]]
}
