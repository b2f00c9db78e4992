import { TimerQueue } from './timer-queue.ts'

/** The only source of time in the program. */
export interface Clock {
  /** Milliseconds on a monotonic scale: for durations and timers. */
  now(): number
  /** Milliseconds since 1970-01-01T00:00Z: for dates that others read. */
  wall(): number
  /** Calls `task` once, `ms` from now; the answer cancels it. */
  after(ms: number, task: () => void): () => void
}

/** Node fires a longer timer at once, so a long wait is made of several. */
const longestTimer = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, task) {
    let left = ms
    let timer: NodeJS.Timeout
    const wait = (): void => {
      const part = Math.min(left, longestTimer)
      left -= part
      timer = setTimeout(left > 0 ? wait : task, part)
    }
    wait()
    return () => {
      clearTimeout(timer)
    }
  },
}

/** Time that stands still until told to move: tests and simulated runs. */
export class ManualClock implements Clock {
  #now = 0
  readonly #timers = new TimerQueue()
  readonly #epoch: number

  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#epoch + this.#now
  }

  after(ms: number, task: () => void): () => void {
    return this.#timers.add(this.#now + Math.max(0, ms), task)
  }

  /** When the next task is due; `undefined` when none waits. */
  get due(): number | undefined {
    return this.#timers.due
  }

  /** Moves to the next task and runs it; false when none waits. */
  step(): boolean {
    const at = this.#timers.due
    if (at === undefined) return false
    this.#now = Math.max(this.#now, at)
    this.#timers.take()?.()
    return true
  }

  /** Runs every task due within the next `ms`, in order of due time. */
  advance(ms: number): void {
    const end = this.#now + ms
    while ((this.#timers.due ?? Infinity) <= end) this.step()
    this.#now = Math.max(this.#now, end)
  }
}
