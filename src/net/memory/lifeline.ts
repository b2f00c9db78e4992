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

  /** `sever` is called at the kill; the answer takes it back. */
  hold(sever: () => void): () => void {
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
