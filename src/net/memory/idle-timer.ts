import type { Clock } from '../../kernel/clock.ts'

/** Calls `idle` once nothing was touched for `ms`. */
export class IdleTimer {
  readonly #clock: Clock
  readonly #ms: number
  readonly #idle: () => void
  #since: number
  #cancel: () => void = () => undefined

  constructor(clock: Clock, ms: number, idle: () => void) {
    this.#clock = clock
    this.#ms = ms
    this.#idle = idle
    this.#since = clock.now()
    this.#wait()
  }

  /** Something happened: the time starts anew. */
  touch(): void {
    this.#since = this.#clock.now()
  }

  stop(): void {
    this.#cancel()
  }

  /** One timer, moved on when it fires: touching is frequent and must cost nothing. */
  #wait(): void {
    this.#cancel = this.#clock.after(this.#since + this.#ms - this.#clock.now(), () => {
      if (this.#since + this.#ms > this.#clock.now()) this.#wait()
      else this.#idle()
    })
  }
}
