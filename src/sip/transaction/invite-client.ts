import type { TimerTable } from './timers.ts'

/**
 * INVITE client transaction: RFC 3261 §17.1.1 as amended by RFC 6026 §7.2.
 *
 * A pure function. It is told what happened and says what to do; the
 * transaction layer owns the sockets and the clock.
 */
export type State = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated'
export type Timer = 'A' | 'B' | 'D' | 'M'
export type Event =
  | { readonly type: 'response'; readonly status: number }
  | { readonly type: 'timer'; readonly name: Timer }
  | { readonly type: 'transport-error' }
export type Effect =
  | { readonly do: 'send-request' | 'send-ack' | 'pass-response' | 'report-timeout' | 'report-transport-error' }
  | { readonly do: 'start'; readonly timer: Timer; readonly ms: number }
  | { readonly do: 'stop'; readonly timer: Timer }
export interface Machine {
  readonly state: State
  readonly reliable: boolean
  readonly timers: TimerTable
  readonly intervalA: number
}
export type Step = readonly [Machine, readonly Effect[]]

/** Sends the INVITE. */
export function begin(reliable: boolean, timers: TimerTable): Step {
  const machine: Machine = { state: 'calling', reliable, timers, intervalA: timers.t1 }
  const effects: Effect[] = [{ do: 'send-request' }, start('B', 64 * timers.t1)]
  if (!reliable) effects.push(start('A', timers.t1))
  return [machine, effects]
}

export function step(m: Machine, event: Event): Step {
  switch (m.state) {
    case 'calling':
    case 'proceeding':
      return event.type === 'response' ? answered(m, event.status) : unanswered(m, event)
    case 'accepted':
      return accepted(m, event)
    case 'completed':
      return completed(m, event)
    case 'terminated':
      return [m, []]
  }
}

function answered(m: Machine, status: number): Step {
  const quiet: Effect[] = [stop('A'), stop('B')]
  if (status < 200) return [{ ...m, state: 'proceeding' }, [...quiet, { do: 'pass-response' }]]
  if (is2xx(status)) {
    return [{ ...m, state: 'accepted' }, [...quiet, { do: 'pass-response' }, start('M', 64 * m.timers.t1)]]
  }
  const d = m.reliable ? 0 : 64 * m.timers.t1
  return [{ ...m, state: 'completed' }, [...quiet, { do: 'send-ack' }, { do: 'pass-response' }, start('D', d)]]
}

function unanswered(m: Machine, event: Exclude<Event, { type: 'response' }>): Step {
  if (event.type === 'transport-error') {
    return [{ ...m, state: 'terminated' }, [stop('A'), stop('B'), { do: 'report-transport-error' }]]
  }
  if (m.state !== 'calling') return [m, []]
  if (event.name === 'A') {
    const intervalA = m.intervalA * 2
    return [{ ...m, intervalA }, [{ do: 'send-request' }, start('A', intervalA)]]
  }
  if (event.name === 'B') return [{ ...m, state: 'terminated' }, [stop('A'), { do: 'report-timeout' }]]
  return [m, []]
}

/** RFC 6026 §7.2: every 2xx is forwarded until timer M. */
function accepted(m: Machine, event: Event): Step {
  if (event.type === 'response' && is2xx(event.status)) return [m, [{ do: 'pass-response' }]]
  if (event.type === 'timer' && event.name === 'M') return [{ ...m, state: 'terminated' }, []]
  return [m, []]
}

function completed(m: Machine, event: Event): Step {
  if (event.type === 'response' && event.status >= 300) return [m, [{ do: 'send-ack' }]]
  if (event.type === 'timer' && event.name === 'D') return [{ ...m, state: 'terminated' }, []]
  if (event.type === 'transport-error') {
    return [{ ...m, state: 'terminated' }, [stop('D'), { do: 'report-transport-error' }]]
  }
  return [m, []]
}

const is2xx = (status: number): boolean => status >= 200 && status < 300
const start = (timer: Timer, ms: number): Effect => ({ do: 'start', timer, ms })
const stop = (timer: Timer): Effect => ({ do: 'stop', timer })
