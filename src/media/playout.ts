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
  readonly #frame = new Int16Array(tickSamples)
  /** Whether the frame holds what came. */
  #came = false

  /** The next 20 ms: what came, else the frame before fading out, else silence. It stands until the next. */
  frame(codec: Codec): Int16Array {
    this.#bytes.fill(silence[codec])
    const before = this.#came
    this.#came = this.buffer.read(this.#bytes) > 0
    if (this.#came) decode(codec, this.#bytes, this.#frame)
    else if (before) fadeOut(this.#frame)
    else this.#frame.fill(0)
    return this.#frame
  }

  /** 20 ms that nobody listens to. */
  pass(): void {
    this.buffer.read(this.#bytes)
    this.#came = false
  }
}

function fadeOut(frame: Int16Array): void {
  for (let i = 0; i < frame.length; i++) frame[i] = ((frame[i] ?? 0) * (frame.length - i)) / frame.length
}
