import type { TimerTable } from './timers.ts'

/**
 * INVITE server transaction: RFC 3261 §17.2.1 as amended by RFC 6026 §7.1. A pure function.
 *
 * `send-response` sends the response of the latest `respond` that itself led to `send-response`: one handed in too late is
 * not sent, and must not take the place of the one before. The 100 is the layer's to give, and the retransmission of a
 * 2xx the UAS core's: it hands the 2xx in again, and the machine sends it until timer L.
 */
export type State = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated'
export type Timer = 'G' | 'H' | 'I' | 'L'
export type Event =
  /** The INVITE again, or an ACK that matches this transaction. */
  | { readonly type: 'request'; readonly method: 'INVITE' | 'ACK' }
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'timer'; readonly name: Timer }
  | { readonly type: 'transport-error' }
export type Effect =
  | { readonly do: 'pass-request' | 'pass-ack' | 'send-response' | 'report-timeout' | 'report-transport-error' }
  | { readonly do: 'start'; readonly timer: Timer; readonly ms: number }
  | { readonly do: 'stop'; readonly timer: Timer }
export interface Machine {
  readonly state: State
  readonly reliable: boolean
  readonly timers: TimerTable
  readonly intervalG: number
  /** A provisional response was sent, which a repeated INVITE brings again. */
  readonly responded: boolean
}
export type Step = readonly [Machine, readonly Effect[]]

/** Takes in the INVITE that made the transaction. */
export function begin(reliable: boolean, timers: TimerTable): Step {
  return [{ state: 'proceeding', reliable, timers, intervalG: timers.t1, responded: false }, [{ do: 'pass-request' }]]
}

export function step(m: Machine, event: Event): Step {
  if (m.state === 'terminated' || m.state === 'confirmed') {
    return event.type === 'timer' && event.name === 'I' ? [{ ...m, state: 'terminated' }, []] : [m, []]
  }
  if (event.type === 'transport-error') return [m, [{ do: 'report-transport-error' }]]
  switch (m.state) {
    case 'proceeding':
      return proceeding(m, event)
    case 'accepted':
      return accepted(m, event)
    case 'completed':
      return completed(m, event)
  }
}

type Ordinary = Exclude<Event, { type: 'transport-error' }>

function proceeding(m: Machine, event: Ordinary): Step {
  if (event.type === 'respond') return respond(m, event.status)
  const repeat = event.type === 'request' && event.method === 'INVITE' && m.responded
  return [m, repeat ? [{ do: 'send-response' }] : []]
}

function respond(m: Machine, status: number): Step {
  if (status < 200) return [{ ...m, responded: true }, [{ do: 'send-response' }]]
  const longest = 64 * m.timers.t1
  if (is2xx(status)) return [{ ...m, state: 'accepted' }, [{ do: 'send-response' }, start('L', longest)]]
  const effects: Effect[] = [{ do: 'send-response' }, start('H', longest)]
  if (!m.reliable) effects.push(start('G', m.intervalG))
  return [{ ...m, state: 'completed' }, effects]
}

/** RFC 6026 §7.1: repeated INVITEs are absorbed, ACKs go up, the core's 2xx goes out until timer L. */
function accepted(m: Machine, event: Ordinary): Step {
  if (event.type === 'request') return [m, event.method === 'ACK' ? [{ do: 'pass-ack' }] : []]
  if (event.type === 'respond') return [m, is2xx(event.status) ? [{ do: 'send-response' }] : []]
  return event.name === 'L' ? [{ ...m, state: 'terminated' }, []] : [m, []]
}

function completed(m: Machine, event: Ordinary): Step {
  if (event.type === 'respond') return [m, []]
  if (event.type === 'request') return event.method === 'ACK' ? confirmed(m) : [m, [{ do: 'send-response' }]]
  if (event.name === 'G') {
    const intervalG = Math.min(m.intervalG * 2, m.timers.t2)
    return [{ ...m, intervalG }, [{ do: 'send-response' }, start('G', intervalG)]]
  }
  if (event.name === 'H') return [{ ...m, state: 'terminated' }, [stop('G'), { do: 'report-timeout' }]]
  return [m, []]
}

function confirmed(m: Machine): Step {
  return [{ ...m, state: 'confirmed' }, [stop('G'), stop('H'), start('I', m.reliable ? 0 : m.timers.t4)]]
}

const is2xx = (status: number): boolean => status >= 200 && status < 300
const start = (timer: Timer, ms: number): Effect => ({ do: 'start', timer, ms })
const stop = (timer: Timer): Effect => ({ do: 'stop', timer })
