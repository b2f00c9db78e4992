import type { Clock } from '../kernel/clock.ts'
import type { Found } from './checks.ts'
import { durationText } from './step-text.ts'

/** The time that a scenario may take, counted from here, and what is done within it. */
export class TimeLimit {
  readonly #clock: Clock
  readonly #ms: number
  readonly #end: number

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
    this.#end = clock.now() + ms
  }

  /** ms, never less than none. */
  get left(): number {
    return Math.max(0, this.#end - this.#clock.now())
  }

  /** What `task` finds; what is not over in time has failed, and is left to end by itself. */
  async within(task: Promise<Found>): Promise<Found> {
    let stop = (): void => undefined
    const over = new Promise<Found>((resolve) => {
      stop = this.#clock.after(this.left, () => resolve(this.#late('it was not over')))
    })
    try {
      return await Promise.race([task, over])
    } finally {
      stop()
    }
  }

  /** Lets `ms` pass; fails at once when there are not so many left. */
  async pass(ms: number): Promise<Found> {
    if (ms > this.left) return this.#late(`${durationText(ms)} more were to pass`)
    await new Promise<void>((resolve) => void this.#clock.after(ms, resolve))
    return { verdict: 'passed' }
  }

  /** Waits until the wall clock says so; fails when that is past. @param moment RFC 3339, with an offset */
  async until(moment: string): Promise<Found> {
    const wall = this.#clock.wall()
    const ms = Date.parse(moment) - wall
    if (ms >= 0) return this.pass(ms)
    return { verdict: 'failed', expected: `to wait until ${moment}`, observed: `it is ${like(moment, wall)} already` }
  }

  #late(observed: string): Found {
    return { verdict: 'failed', expected: `an end within ${durationText(this.#ms)}`, observed }
  }
}

/** Wall ms written with the offset of another date. */
function like(moment: string, wall: number): string {
  const [offset = 'Z', sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(moment) ?? []
  const ahead = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return `${new Date(wall + ahead).toISOString().slice(0, 19)}${offset}`
}
