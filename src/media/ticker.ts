import type { Clock } from '../kernel/clock.ts'

/** ms between two ticks, and samples at 8 kHz in one. */
export const tickMs = 20
export const tickSamples = 160

/** More ticks than these are not made up for in one go: the rest is skipped. */
const maxCatchUp = 10
/** So many ticks late at once, and a peer may hear a gap: this machine fell behind. */
const behind = 5
/** A timer may fire this many ms early. */
const earliness = 1

export interface Ticking {
  tick(): void
  /** `ticks` passed during which nothing could be done. */
  skip(ticks: number): void
  /** The beat came so many ms late. */
  late(ms: number): void
}

/** One 20 ms beat without drift: tick n is due at start + n × 20 ms, however late those before it came. */
export class Ticker {
  readonly #clock: Clock
  readonly #ticking: Ticking
  #startedAt = 0
  #done = 0
  #deferred = false
  #cancel: (() => void) | undefined

  constructor(clock: Clock, ticking: Ticking) {
    this.#clock = clock
    this.#ticking = ticking
  }

  start(): void {
    if (this.#cancel !== undefined) return
    this.#startedAt = this.#clock.now()
    this.#done = 0
    this.#schedule()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #schedule(): void {
    const next = this.#startedAt + (this.#done + 1) * tickMs
    this.#cancel = this.#clock.after(Math.max(0, next - this.#clock.now()), this.#fire)
  }

  readonly #fire = (): void => {
    const due = Math.floor((this.#clock.now() - this.#startedAt + earliness) / tickMs) - this.#done
    if (due > 1 && !this.#deferred) this.#letSocketsBeRead()
    else this.#catchUp(due)
  }

  /** A held-up thread runs its timers before it reads its sockets: what waits there belongs to the ticks that are due. */
  #letSocketsBeRead(): void {
    this.#deferred = true
    this.#cancel = this.#clock.after(0, this.#fire)
  }

  #catchUp(due: number): void {
    this.#deferred = false
    this.#done += Math.max(0, due)
    if (due > behind) this.#ticking.late((due - 1) * tickMs)
    if (due > maxCatchUp) this.#ticking.skip(due - maxCatchUp)
    for (let left = Math.min(due, maxCatchUp); left > 0 && this.#cancel !== undefined; left--) this.#ticking.tick()
    if (this.#cancel !== undefined) this.#schedule()
  }
}
