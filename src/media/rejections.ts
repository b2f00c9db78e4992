import type { Clock } from '../kernel/clock.ts'

/** Why a packet was not taken, as it stands in events. */
export type Rejection =
  | 'not-rtp'
  | 'too-short'
  | 'authentication'
  | 'replayed'
  | 'stray-source'
  | 'before-connect'
  | 'payload-type'
  | 'bridge-not-connected'

const intervalMs = 1000

interface Tally {
  count: number
  reportedAt: number
}

/** Counts rejected packets by kind, and reports each kind at most once a second. */
export class Rejections {
  readonly #clock: Clock
  readonly #report: (reason: Rejection, count: number) => void
  readonly #tallies = new Map<Rejection, Tally>()
  #total = 0

  constructor(clock: Clock, report: (reason: Rejection, count: number) => void) {
    this.#clock = clock
    this.#report = report
  }

  get total(): number {
    return this.#total
  }

  add(reason: Rejection): void {
    this.#total++
    const tally = this.#tallies.get(reason) ?? { count: 0, reportedAt: -Infinity }
    tally.count++
    this.#tallies.set(reason, tally)
    if (tally.reportedAt === -Infinity) this.#say(reason, tally)
  }

  /** Reports what has waited a second; with `all`, whatever waits. */
  flush(all = false): void {
    if (this.#tallies.size === 0) return
    const due = this.#clock.now() - intervalMs
    for (const [reason, tally] of this.#tallies) {
      if (tally.count > 0 && (all || tally.reportedAt <= due)) this.#say(reason, tally)
    }
  }

  #say(reason: Rejection, tally: Tally): void {
    this.#report(reason, tally.count)
    tally.count = 0
    tally.reportedAt = this.#clock.now()
  }
}
