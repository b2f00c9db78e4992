import { hopMs, width, type Spectrogram } from './spectrum.ts'

/** How a reference, laid over what was heard at one shift, agrees with it frame by frame. Times in ms of what was heard. */
export interface Overlap {
  readonly lag: number
  /** Sounding frames of the reference that are heard, that sound otherwise, and where there is silence instead. */
  readonly matched: number
  readonly contradicted: number
  readonly missing: number
  /** Normalised correlation over the matched frames, 0..1. */
  readonly similarity: number
  readonly fromMs: number
  readonly toMs: number
}

/** Frames either side that are judged together with one. */
const neighbours = 15
/** Speech of two texts in one voice stays under 0.6 nearly everywhere; the same speech after G.711 stays over 0.9. */
const sameFrom = 0.65
/** Middle of the first analysis window, in ms. */
const middleMs = 16

export function overlap(heard: Spectrogram, reference: Spectrogram, lag: number): Overlap {
  const products = frameProducts(heard, reference, lag)
  const matched: number[] = []
  let sounding = 0
  let compared = 0
  for (let t = 0; t < reference.frames; t++) {
    if (reference.active[t] !== 1) continue
    sounding++
    if (!products.both(t)) continue
    compared++
    if (products.correlation(t - neighbours, t + neighbours + 1) >= sameFrom) matched.push(t)
  }
  const [first = 0, last = -1] = [matched[0], matched.at(-1)]
  return {
    lag,
    matched: matched.length,
    contradicted: compared - matched.length,
    missing: sounding - compared,
    similarity: products.pooled(matched),
    fromMs: Math.max(0, (first + lag) * hopMs + middleMs - hopMs / 2),
    toMs: Math.max(0, (last + lag) * hopMs + middleMs + hopMs / 2),
  }
}

interface FrameProducts {
  /** Whether frame `t` of the reference sounds and something is heard under it. */
  both(t: number): boolean
  /** Over the reference's frames `from` up to, not including, `to`. */
  correlation(from: number, to: number): number
  pooled(frames: readonly number[]): number
}

function frameProducts(heard: Spectrogram, reference: Spectrogram, lag: number): FrameProducts {
  const size = reference.frames + 1
  const [cross, theirs, ours] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)]
  const both = (t: number): boolean => reference.active[t] === 1 && heard.active[t + lag] === 1
  for (let t = 0; t < reference.frames; t++) {
    let xy = 0
    let xx = 0
    let yy = 0
    const end = both(t) ? width : 0
    for (let i = 0; i < end; i++) {
      const x = heard.rows[(t + lag) * width + i] ?? 0
      const y = reference.rows[t * width + i] ?? 0
      xy += x * y
      xx += x * x
      yy += y * y
    }
    cross[t + 1] = (cross[t] ?? 0) + xy
    theirs[t + 1] = (theirs[t] ?? 0) + xx
    ours[t + 1] = (ours[t] ?? 0) + yy
  }
  const between = (sums: Float64Array, from: number, to: number): number =>
    (sums[Math.min(size - 1, to)] ?? 0) - (sums[Math.max(0, from)] ?? 0)
  const total = (sums: Float64Array, frames: readonly number[]): number =>
    frames.reduce((sum, t) => sum + between(sums, t, t + 1), 0)
  const ratio = (xy: number, xx: number, yy: number): number => Math.max(0, xy / Math.sqrt(xx * yy + 1e-9))
  return {
    both,
    correlation: (from, to) => ratio(between(cross, from, to), between(theirs, from, to), between(ours, from, to)),
    pooled: (frames) => ratio(total(cross, frames), total(theirs, frames), total(ours, frames)),
  }
}
