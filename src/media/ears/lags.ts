import type { Description } from './description.ts'
import { correlate, segmentsWithin, type Segments } from './segments.ts'
import type { Spectrogram } from './spectrum.ts'

export interface LagSearch {
  /** The `count` shifts in frames at which `reference` lies best in what is heard, best first. Negative: its start is missing. */
  best(reference: Description, count: number): readonly number[]
  /** To be called before the frames `from` up to, not including, `to` of what is heard are made silent. */
  without(from: number, to: number): void
}

/** Shifts closer than this many frames count as one. */
const apart = 10

/** Frames that were heard, or with sign -1 are heard no more. */
interface Part {
  readonly from: number
  readonly to: number
  readonly segments: Segments
  readonly sign: 1 | -1
}

/** At each shift from 1 - frames on: the correlation of a reference with the first `parts` parts, and its rank. */
interface Shifts {
  readonly products: Float64Array
  readonly scores: Float64Array
  parts: number
}

/** Prepares the search in `heard` by Fourier transform, every shift at once. What falls silent later is only subtracted. */
export function lagSearch(heard: Spectrogram): LagSearch {
  const part = (from: number, to: number, sign: 1 | -1): Part => {
    return { from, to, segments: segmentsWithin(heard, from, to), sign }
  }
  const parts = [part(0, heard.frames, 1)]
  const known = new Map<Description, Shifts>()

  function shiftsOf(reference: Description): Shifts {
    const { frames } = reference.sound
    const count = Math.max(0, frames + heard.frames - 1)
    const shifts = known.get(reference) ?? {
      products: new Float64Array(count),
      scores: new Float64Array(count),
      parts: 0,
    }
    known.set(reference, shifts)
    const news = parts.slice(shifts.parts)
    shifts.parts = parts.length
    for (const { segments, sign } of news) correlate(shifts.products, frames - 1, segments, reference.segments, sign)
    for (const { from, to } of news) score(shifts, heard.energies, reference, from, Math.min(count, to + frames - 1))
    return shifts
  }

  return {
    best(reference, count) {
      const first = 1 - reference.sound.frames
      return peaks(shiftsOf(reference).scores.slice(), count).map((i) => first + i)
    },
    without(from, to) {
      parts.push(part(from, to, -1))
    },
  }
}

/** Ranks the shifts `from` up to, not including, `to` by the square of their correlation over what is heard there. */
function score(shifts: Shifts, heard: Float64Array, { sound, energy }: Description, from: number, to: number): void {
  let under = 0
  for (let t = Math.max(0, from - sound.frames); t < Math.min(from, heard.length); t++) under += heard[t] ?? 0
  for (let i = from; i < to; i++) {
    if (i < heard.length) under += heard[i] ?? 0
    if (i >= sound.frames) under -= heard[i - sound.frames] ?? 0
    const product = Math.max(0, shifts.products[i] ?? 0)
    shifts.scores[i] = product === 0 ? 0 : (product * product) / Math.max(under, energy / 5)
  }
}

/** Indices of the highest scores over 0; takes them out of `scores`. */
function peaks(scores: Float64Array, count: number): readonly number[] {
  const found: number[] = []
  while (found.length < count) {
    let best = -1
    let highest = 0
    for (let i = 0; i < scores.length; i++) {
      const value = scores[i] ?? 0
      if (value <= highest) continue
      best = i
      highest = value
    }
    if (best < 0) break
    found.push(best)
    scores.fill(0, Math.max(0, best - apart + 1), best + apart)
  }
  return found
}
