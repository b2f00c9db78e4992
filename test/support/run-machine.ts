import type { Clock } from '../../src/kernel/clock.ts'
import { rfcTimers, type TimerTable } from '../../src/sip/transaction/timers.ts'

type Effect<T extends string> =
  | { readonly do: 'start'; readonly timer: T; readonly ms: number }
  | { readonly do: 'stop'; readonly timer: T }
  | { readonly do: string }

type Step<M, T extends string> = readonly [M, readonly Effect<T>[]]

/** The module of one transaction machine. */
interface MachineModule<M, E, T extends string> {
  readonly begin: (reliable: boolean, timers: TimerTable) => Step<M, T>
  readonly step: (machine: M, event: E | { readonly type: 'timer'; readonly name: T }) => Step<M, T>
}

export interface MachineRun<E> {
  /** `ms what`, timers apart. */
  readonly log: string[]
  state(): string
  feed(...events: readonly E[]): void
  /** Letters of the timers that run. */
  running(): string[]
}

/** Runs a machine against a clock and writes down what it did and when. */
export function runMachine<M extends { readonly state: string }, E, T extends string>(
  module: MachineModule<M, E, T>,
  clock: Clock,
  reliable: boolean,
  table: TimerTable = rfcTimers,
): MachineRun<E> {
  const log: string[] = []
  const timers = new Map<T, () => void>()
  let machine: M

  const start = (timer: T, ms: number): void => {
    timers.get(timer)?.()
    const fire = (): void => {
      timers.delete(timer)
      take(module.step(machine, { type: 'timer', name: timer }))
    }
    timers.set(timer, clock.after(ms, fire))
  }
  const stop = (timer: T): void => {
    timers.get(timer)?.()
    timers.delete(timer)
  }
  const take = ([next, effects]: Step<M, T>): void => {
    machine = next
    for (const effect of effects) {
      if ('ms' in effect) start(effect.timer, effect.ms)
      else if ('timer' in effect) stop(effect.timer)
      else log.push(`${String(clock.now())} ${effect.do}`)
    }
  }
  const first = module.begin(reliable, table)
  machine = first[0]
  take(first)
  return {
    log,
    state: () => machine.state,
    feed: (...events) => events.forEach((event) => take(module.step(machine, event))),
    running: () => [...timers.keys()],
  }
}
