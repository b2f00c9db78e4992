import type { Clock } from '../../kernel/clock.ts'

/**
 * What a process of the virtual world holds of it: sockets, listeners, timers. When it is killed all of them are severed at once, and
 * nothing more reaches it or comes from it.
 */
export class Lifeline {
  readonly #held = new Set<() => void>()
  #alive = true

  get alive(): boolean {
    return this.#alive
  }

  /** How many things it holds. */
  get holds(): number {
    return this.#held.size
  }

  /** `sever` is called at the kill, or at once when that is past; the answer takes it back. */
  hold(sever: () => void): () => void {
    if (!this.#alive) {
      sever()
      return () => undefined
    }
    this.#held.add(sever)
    return () => {
      this.#held.delete(sever)
    }
  }

  kill(): void {
    this.#alive = false
    const held = [...this.#held]
    this.#held.clear()
    for (const sever of held) sever()
  }
}

/** The clock of a process: timers of a dead one do not fire. */
export function mortalClock(clock: Clock, life: Lifeline): Clock {
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    after: (ms, task) =>
      clock.after(ms, () => {
        if (life.alive) task()
      }),
  }
}
