import { promisify } from 'node:util'
import type { Clock } from '../../kernel/clock.ts'

type Callback = (...values: unknown[]) => void

/** What Node's `setTimeout` answers, on another clock. Nothing keeps a process alive here, so `ref` and `unref` mean nothing. */
class VirtualTimeout {
  readonly #clock: Clock
  readonly #ms: number
  readonly #task: () => void
  readonly #repeats: boolean
  #cancel: () => void = () => undefined

  constructor(clock: Clock, ms: number | undefined, task: () => void, repeats: boolean) {
    this.#clock = clock
    this.#ms = ms !== undefined && ms >= 1 ? ms : 1
    this.#task = task
    this.#repeats = repeats
    this.refresh()
  }

  refresh(): this {
    this.#cancel()
    this.#cancel = this.#clock.after(this.#ms, () => {
      if (this.#repeats) this.refresh()
      this.#task()
    })
    return this
  }

  close(): this {
    this.#cancel()
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }
}

/** The timer functions of Node on another clock. */
export function virtualTimers(clock: Clock) {
  const start =
    (repeats: boolean) =>
    (task: Callback, ms?: number, ...values: unknown[]): VirtualTimeout =>
      new VirtualTimeout(clock, ms, () => task(...values), repeats)
  const clear = (timer: unknown): void => {
    if (timer instanceof VirtualTimeout) timer.close()
  }
  const setTimeout = Object.assign(start(false), {
    [promisify.custom]: (ms?: number, value?: unknown) =>
      new Promise((resolve) => void clock.after(ms ?? 1, () => resolve(value))),
  })
  return { setTimeout, clearTimeout: clear, setInterval: start(true), clearInterval: clear }
}
