import type { Clock } from './clock.ts'

export interface AnyEvent {
  readonly type: string
}

/** What the bus adds to an event when it is published. */
export interface Stamp {
  /** Counts from 1 on one bus. */
  readonly seq: number
  /** Monotonic ms since the bus was made. */
  readonly at: number
  /** ms since 1970-01-01T00:00Z. */
  readonly wall: number
  /** The station that published: a role's name, or `lab`, or a phone's name. */
  readonly station: string
}

export type Stamped<E extends AnyEvent> = E & Stamp

/** How a service says that something happened. */
export type Emit<E extends AnyEvent> = (event: E) => void

/**
 * One typed stream of everything that happens. Consumers are called in order, in the publisher's turn; what a consumer
 * publishes meanwhile comes after, so that everyone sees `seq` grow. One that throws does not keep the others from hearing.
 */
export class Bus<E extends AnyEvent> {
  readonly #clock: Clock
  readonly #start: number
  readonly #listeners = new Set<(event: Stamped<E>) => void>()
  readonly #waiting: Stamped<E>[] = []
  #delivering = false
  #seq = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = clock.now()
  }

  /** The emit of one station. */
  from(station: string): Emit<E> {
    return (event) => {
      const stamp: Stamp = { seq: ++this.#seq, at: this.#clock.now() - this.#start, wall: this.#clock.wall(), station }
      this.#waiting.push({ ...event, ...stamp })
      this.#deliver()
    }
  }

  /** Calls `listener` for every event from now on; the answer ends it. What a listener throws comes out at the publisher. */
  subscribe(listener: (event: Stamped<E>) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  #deliver(): void {
    if (this.#delivering) return
    const thrown: unknown[] = []
    this.#delivering = true
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      for (const listener of [...this.#listeners]) {
        try {
          if (this.#listeners.has(listener)) listener(event)
        } catch (error) {
          thrown.push(error)
        }
      }
    }
    this.#delivering = false
    if (thrown.length > 0) throw thrown[0]
  }
}
