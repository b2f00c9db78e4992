/** What must be undone, registered as soon as it stands; run backwards, once, and to the end whatever fails. */
export class Teardown {
  readonly #steps: (() => Promise<void>)[] = []
  #last: Promise<void> = Promise.resolve()

  add(step: () => Promise<void>): void {
    this.#steps.push(step)
  }

  /** A second run waits for the first, and takes what was added meanwhile. Rejects with the first failure, after the last step. */
  run(): Promise<void> {
    const run = this.#last.catch(() => undefined).then(() => this.#undo())
    this.#last = run
    return run
  }

  async #undo(): Promise<void> {
    const failed: Error[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step()
      } catch (thrown) {
        failed.push(thrown instanceof Error ? thrown : new Error(String(thrown)))
      }
    }
    if (failed[0] !== undefined) throw failed[0]
  }
}
