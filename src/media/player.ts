import { tickSamples } from './ticker.ts'

/** Hands out samples 20 ms at a time. */
export class Player {
  readonly #pcm: Int16Array
  readonly #ended: (complete: boolean) => void
  #position = 0

  /** `ended` is called once: `true` when the last sample's tick is over. */
  constructor(pcm: Int16Array, ended: (complete: boolean) => void) {
    this.#pcm = pcm
    this.#ended = ended
  }

  /** The next 160 samples, the last ones padded with silence; `undefined` when it has played out. */
  next(): Int16Array | undefined {
    if (this.#position >= this.#pcm.length) {
      this.#ended(true)
      return undefined
    }
    const part = this.#pcm.subarray(this.#position, this.#position + tickSamples)
    this.#position += tickSamples
    if (part.length === tickSamples) return part
    const padded = new Int16Array(tickSamples)
    padded.set(part)
    return padded
  }

  skip(ticks: number): void {
    this.#position += ticks * tickSamples
  }

  stop(): void {
    this.#ended(false)
  }
}
