interface Timer {
  readonly at: number
  readonly serial: number
  /** Gone when it was cancelled or has run. */
  task: (() => void) | undefined
}

/** Tasks in order of their time, those of one time in the order they came: a binary heap. */
export class TimerQueue {
  readonly #heap: Timer[] = []
  #serial = 0

  /** The answer takes it out again. */
  add(at: number, task: () => void): () => void {
    const timer: Timer = { at, serial: this.#serial++, task }
    this.#rise(this.#heap.push(timer) - 1, timer)
    return () => {
      timer.task = undefined
    }
  }

  /** When the first is due; `undefined` when there is none. */
  get due(): number | undefined {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.task !== undefined) return first?.at
      this.#drop()
    }
  }

  /** Takes the first out; call it when `due` has answered. */
  take(): (() => void) | undefined {
    const first = this.#heap[0]
    const task = first?.task
    if (first !== undefined) {
      first.task = undefined
      this.#drop()
    }
    return task
  }

  #drop(): void {
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) this.#sink(last)
  }

  #rise(from: number, timer: Timer): void {
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.#heap[above]
      if (parent === undefined || before(parent, timer)) break
      this.#heap[at] = parent
      at = above
    }
    this.#heap[at] = timer
  }

  /** Puts a timer in at the top and lets it go down to its place. */
  #sink(timer: Timer): void {
    let at = 0
    for (;;) {
      const below = this.#sooner(2 * at + 1)
      const child = this.#heap[below]
      if (child === undefined || before(timer, child)) break
      this.#heap[at] = child
      at = below
    }
    this.#heap[at] = timer
  }

  /** Which of two neighbours comes first. */
  #sooner(left: number): number {
    const [a, b] = [this.#heap[left], this.#heap[left + 1]]
    return a !== undefined && b !== undefined && before(b, a) ? left + 1 : left
  }
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.serial < b.serial)
