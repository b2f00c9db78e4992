import { levelDbov } from './level.ts'

/** A steady tone that has just ended. */
export interface Tone {
  readonly frequencyHz: number
  /** Length in whole frames of 20 ms. */
  readonly ms: number
}

const rate = 8000
const frameMs = 20
const shortestMs = 200
const quietestDbov = -40
/** Energy that a single sine leaves unexplained: none but the codec's noise. Speech leaves tenths. */
const mostResidue = 0.01
/** Share by which the frequency of one tone may wander from frame to frame. */
const wander = 0.03

/** Listens for single steady tones, frame by frame of PCM16 mono at 8 kHz. */
export class ToneMeter {
  #frequency = 0
  #frames = 0

  /** The tone that ended with this frame, when it was long enough. */
  push(frame: Int16Array): Tone | undefined {
    const frequency = levelDbov(frame) < quietestDbov ? undefined : sineIn(frame)
    const goes = frequency !== undefined && (this.#frames === 0 || Math.abs(frequency / this.#frequency - 1) < wander)
    if (goes) {
      if (this.#frames++ === 0) this.#frequency = frequency
      return undefined
    }
    const ended = { frequencyHz: Math.round(this.#frequency), ms: this.#frames * frameMs }
    this.#frames = frequency === undefined ? 0 : 1
    this.#frequency = frequency ?? 0
    return ended.ms >= shortestMs ? ended : undefined
  }
}

/**
 * The frequency in Hz of a frame that is one sine: for a sine x(n+1) + x(n-1) = 2 cos(w) x(n), so the least squares of that
 * recurrence give w, and what it leaves over tells a sine from all else.
 */
function sineIn(frame: Int16Array): number | undefined {
  let cross = 0
  let energy = 0
  let both = 0
  let before = frame[0] ?? 0
  let x = frame[1] ?? 0
  for (let n = 2; n < frame.length; n++) {
    const after = frame[n] ?? 0
    const neighbours = before + after
    cross += x * neighbours
    energy += x * x
    both += neighbours * neighbours
    before = x
    x = after
  }
  if (energy === 0) return undefined
  const twiceCos = cross / energy
  if (Math.abs(twiceCos) >= 2 || (both - (cross * cross) / energy) / energy > mostResidue) return undefined
  return (Math.acos(twiceCos / 2) * rate) / (2 * Math.PI)
}
