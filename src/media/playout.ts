import type { Codec } from './face.ts'
import { decode, encode } from './g711.ts'
import { JitterBuffer } from './jitter-buffer.ts'
import { tickSamples } from './ticker.ts'

/** 120 ms at 8 kHz: nobody talks back to a recording, so steadiness is worth more than speed. */
const delay = 960
const silence: Readonly<Record<Codec, number>> = {
  PCMU: encode('PCMU', new Int16Array(1))[0] ?? 0xff,
  PCMA: encode('PCMA', new Int16Array(1))[0] ?? 0xd5,
}

/** Turns what was received into an unbroken line of 20 ms frames. */
export class Playout {
  readonly buffer = new JitterBuffer(delay)
  readonly #bytes = new Uint8Array(tickSamples)
  #last: Int16Array | undefined

  /** The next 20 ms: what came, else the frame before fading out, else silence. */
  frame(codec: Codec): Int16Array {
    this.#bytes.fill(silence[codec])
    if (this.buffer.read(this.#bytes) > 0) return (this.#last = decode(codec, this.#bytes))
    const concealed = this.#last === undefined ? new Int16Array(tickSamples) : fadedOut(this.#last)
    this.#last = undefined
    return concealed
  }

  /** 20 ms that nobody listens to. */
  pass(): void {
    this.buffer.read(this.#bytes)
    this.#last = undefined
  }
}

const fadedOut = (frame: Int16Array): Int16Array =>
  frame.map((sample, i) => (sample * (frame.length - i)) / frame.length)
