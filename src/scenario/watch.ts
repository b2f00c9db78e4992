import type { Bus } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Happening, LabEvent } from '../lab/events.ts'

/** All that happened in a lab so far, and a way to wait for what has not. */
export class Watch {
  readonly events: Happening[] = []
  readonly #clock: Clock
  readonly #waiting = new Set<(event: Happening) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  follow(bus: Pick<Bus<LabEvent>, 'subscribe'>): void {
    bus.subscribe((event) => {
      this.events.push(event)
      for (const look of [...this.#waiting]) look(event)
    })
  }

  /** The first event that fits, past or to come; `undefined` when none has come after `withinMs`. */
  until(fits: (event: Happening) => boolean, withinMs: number): Promise<Happening | undefined> {
    const past = this.events.find(fits)
    if (past !== undefined) return Promise.resolve(past)
    return new Promise((resolve) => {
      const settle = (event: Happening | undefined): void => {
        stop()
        this.#waiting.delete(look)
        resolve(event)
      }
      const look = (event: Happening): void => {
        if (fits(event)) settle(event)
      }
      const stop = this.#clock.after(withinMs, () => settle(undefined))
      this.#waiting.add(look)
    })
  }
}
