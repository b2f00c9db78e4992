/** How loud PCM16 is, in dBov: 0 is the loudest a 16-bit square wave can be, a full sine is -3.01 (RFC 6464 §3). */

const silence = -127
const overload = 32_768 ** 2

/** Sum of squares from `start` to `end`. */
function energy(pcm: Int16Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) {
    const sample = pcm[i] ?? 0
    sum += sample * sample
  }
  return sum
}

function dbov(sumOfSquares: number, count: number): number {
  return sumOfSquares === 0 ? silence : Math.max(silence, 10 * Math.log10(sumOfSquares / count / overload))
}

/** Root mean square level in dBov, from 0 down to -127 for digital silence or no samples. */
export function levelDbov(pcm: Int16Array): number {
  return dbov(energy(pcm, 0, pcm.length), pcm.length)
}

export interface SilenceOptions {
  /** A frame below this level is silent. */
  readonly thresholdDbov: number
  /** ms of PCM at 8 kHz judged at a time. */
  readonly frameMs?: number
}

/** Measures the silence at the end of what was pushed, in whole frames however the pushes were cut. */
export class SilenceMeter {
  readonly #thresholdDbov: number
  readonly #frameMs: number
  readonly #frameSamples: number
  #sum = 0
  #count = 0
  #silentMs = 0

  constructor({ thresholdDbov, frameMs = 20 }: SilenceOptions) {
    this.#thresholdDbov = thresholdDbov
    this.#frameMs = frameMs
    this.#frameSamples = frameMs * 8
  }

  /** PCM16 mono at 8 kHz. */
  push(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length;) {
      const end = Math.min(pcm.length, at + this.#frameSamples - this.#count)
      this.#sum += energy(pcm, at, end)
      this.#count += end - at
      if (this.#count === this.#frameSamples) this.#judge()
      at = end
    }
  }

  /** ms of silence since the last frame that was not silent. */
  get silentMs(): number {
    return this.#silentMs
  }

  #judge(): void {
    const silent = dbov(this.#sum, this.#count) < this.#thresholdDbov
    this.#silentMs = silent ? this.#silentMs + this.#frameMs : 0
    this.#sum = 0
    this.#count = 0
  }
}
