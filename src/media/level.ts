/** How loud PCM16 is, in dBov: 0 is the loudest a 16-bit square wave can be, a full sine is -3.01 (RFC 6464 §3). */

const silence = -127
const overload = 32_768 ** 2

function dbov(sumOfSquares: number, count: number): number {
  return sumOfSquares === 0 ? silence : Math.max(silence, 10 * Math.log10(sumOfSquares / count / overload))
}

/** Root mean square level in dBov, from 0 down to -127 for digital silence or no samples. */
export function levelDbov(pcm: Int16Array): number {
  let sum = 0
  for (const sample of pcm) sum += sample * sample
  return dbov(sum, pcm.length)
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
    for (const sample of pcm) {
      this.#sum += sample * sample
      if (++this.#count >= this.#frameSamples) this.#judge()
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
