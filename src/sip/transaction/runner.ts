import type { Clock } from '../../kernel/clock.ts'

interface Effect<T extends string> {
  readonly do: string
  readonly timer?: T
  readonly ms?: number
}

type Step<M, E, T extends string> = (
  machine: M,
  event: E | { readonly type: 'timer'; readonly name: T },
) => readonly [M, readonly Effect<T>[]]

/** Runs one machine against a clock: keeps its state and timers, and has its effects done by `actions`. */
export class Runner<M extends { readonly state: string }, E, T extends string> {
  readonly #clock: Clock
  readonly #step: Step<M, E, T>
  readonly #actions: Readonly<Record<string, () => void>>
  readonly #ended: () => void
  readonly #timers = new Map<T, () => void>()
  #machine: M
  #over = false

  constructor(
    clock: Clock,
    step: Step<M, E, T>,
    machine: M,
    actions: Readonly<Record<string, () => void>>,
    ended: () => void,
  ) {
    this.#clock = clock
    this.#step = step
    this.#machine = machine
    this.#actions = actions
    this.#ended = ended
  }

  get machine(): M {
    return this.#machine
  }

  feed(event: E | { readonly type: 'timer'; readonly name: T }): void {
    if (this.#over) return
    const [machine, effects] = this.#step(this.#machine, event)
    this.#machine = machine
    this.apply(effects)
  }

  apply(effects: readonly Effect<T>[]): void {
    for (const effect of effects) {
      if (effect.timer === undefined) this.#actions[effect.do]?.()
      else if (effect.do === 'start') this.#start(effect.timer, effect.ms ?? 0)
      else this.#timers.get(effect.timer)?.()
    }
    if (this.#machine.state === 'terminated') this.end()
  }

  /** Ends it in whatever state it is; no timer of it remains. */
  end(): void {
    if (this.#over) return
    this.#over = true
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#ended()
  }

  #start(name: T, ms: number): void {
    if (this.#over) return
    this.#timers.get(name)?.()
    this.#timers.set(
      name,
      this.#clock.after(ms, () => this.feed({ type: 'timer', name })),
    )
  }
}
