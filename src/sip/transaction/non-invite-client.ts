import type { TimerTable } from './timers.ts'

/** Client transaction of every method but INVITE and ACK: RFC 3261 §17.1.2. A pure function. */
export type State = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type Timer = 'E' | 'F' | 'K'
export type Event =
  | { readonly type: 'response'; readonly status: number }
  | { readonly type: 'timer'; readonly name: Timer }
  | { readonly type: 'transport-error' }
export type Effect =
  | { readonly do: 'send-request' | 'pass-response' | 'report-timeout' | 'report-transport-error' }
  | { readonly do: 'start'; readonly timer: Timer; readonly ms: number }
  | { readonly do: 'stop'; readonly timer: Timer }
export interface Machine {
  readonly state: State
  readonly reliable: boolean
  readonly timers: TimerTable
  readonly intervalE: number
}
export type Step = readonly [Machine, readonly Effect[]]

/** Sends the request. */
export function begin(reliable: boolean, timers: TimerTable): Step {
  const machine: Machine = { state: 'trying', reliable, timers, intervalE: timers.t1 }
  const effects: Effect[] = [{ do: 'send-request' }, start('F', 64 * timers.t1)]
  if (!reliable) effects.push(start('E', timers.t1))
  return [machine, effects]
}

export function step(m: Machine, event: Event): Step {
  switch (m.state) {
    case 'trying':
    case 'proceeding':
      return event.type === 'response' ? answered(m, event.status) : unanswered(m, event)
    case 'completed':
      return event.type === 'timer' && event.name === 'K' ? [{ ...m, state: 'terminated' }, []] : [m, []]
    case 'terminated':
      return [m, []]
  }
}

function answered(m: Machine, status: number): Step {
  if (status < 200) return [{ ...m, state: 'proceeding' }, [{ do: 'pass-response' }]]
  const k = m.reliable ? 0 : m.timers.t4
  return [{ ...m, state: 'completed' }, [stop('E'), stop('F'), { do: 'pass-response' }, start('K', k)]]
}

function unanswered(m: Machine, event: Exclude<Event, { type: 'response' }>): Step {
  if (event.type === 'transport-error') {
    return [{ ...m, state: 'terminated' }, [stop('E'), stop('F'), { do: 'report-transport-error' }]]
  }
  if (event.name === 'E') {
    const intervalE = m.state === 'trying' ? Math.min(m.intervalE * 2, m.timers.t2) : m.timers.t2
    return [{ ...m, intervalE }, [{ do: 'send-request' }, start('E', intervalE)]]
  }
  if (event.name === 'F') return [{ ...m, state: 'terminated' }, [stop('E'), { do: 'report-timeout' }]]
  return [m, []]
}

const start = (timer: Timer, ms: number): Effect => ({ do: 'start', timer, ms })
const stop = (timer: Timer): Effect => ({ do: 'stop', timer })
