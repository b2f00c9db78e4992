import { bands, hopMs, width, type Spectrogram } from './spectrum.ts'

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
  const { both, correlation, pooled } = frameProducts(heard, reference, lag)
  const matched: number[] = []
  let sounding = 0
  let compared = 0
  for (let t = 0; t < reference.frames; t++) {
    if (reference.active[t] !== 1) continue
    sounding++
    if (both[t] !== 1) continue
    compared++
    if (correlation(t - neighbours, t + neighbours + 1) >= sameFrom) matched.push(t)
  }
  const [first = 0, last = -1] = [matched[0], matched.at(-1)]
  return {
    lag,
    matched: matched.length,
    contradicted: compared - matched.length,
    missing: sounding - compared,
    similarity: pooled(matched),
    fromMs: Math.max(0, (first + lag) * hopMs + middleMs - hopMs / 2),
    toMs: Math.max(0, (last + lag) * hopMs + middleMs + hopMs / 2),
  }
}

interface FrameProducts {
  /** 1 where a frame of the reference sounds and something is heard under it. */
  readonly both: Uint8Array
  /** Over the reference's frames `from` up to, not including, `to`. */
  readonly correlation: (from: number, to: number) => number
  readonly pooled: (frames: readonly number[]) => number
}

function frameProducts(heard: Spectrogram, reference: Spectrogram, lag: number): FrameProducts {
  const { frames } = reference
  const [cross, theirs, ours] = [
    new Float64Array(frames + 1),
    new Float64Array(frames + 1),
    new Float64Array(frames + 1),
  ]
  const both = soundingTogether(heard, reference, lag)
  for (let t = 0; t < frames; t++) {
    const counts = both[t] === 1
    cross[t + 1] = (cross[t] ?? 0) + (counts ? product(heard.rows, t + lag, reference.rows, t) : 0)
    theirs[t + 1] = (theirs[t] ?? 0) + (counts ? (heard.energies[t + lag] ?? 0) : 0)
    ours[t + 1] = (ours[t] ?? 0) + (counts ? (reference.energies[t] ?? 0) : 0)
  }
  const between = (sums: Float64Array, from: number, to: number): number =>
    (sums[Math.min(frames, to)] ?? 0) - (sums[Math.max(0, from)] ?? 0)
  const total = (sums: Float64Array, among: readonly number[]): number =>
    among.reduce((sum, t) => sum + between(sums, t, t + 1), 0)
  const ratio = (xy: number, xx: number, yy: number): number => Math.max(0, xy / Math.sqrt(xx * yy + 1e-9))
  return {
    both,
    correlation: (from, to) => ratio(between(cross, from, to), between(theirs, from, to), between(ours, from, to)),
    pooled: (among) => ratio(total(cross, among), total(theirs, among), total(ours, among)),
  }
}

function soundingTogether(heard: Spectrogram, reference: Spectrogram, lag: number): Uint8Array {
  const both = new Uint8Array(reference.frames)
  const end = Math.min(reference.frames, heard.frames - lag)
  for (let t = Math.max(0, -lag); t < end; t++) both[t] = (reference.active[t] ?? 0) & (heard.active[t + lag] ?? 0)
  return both
}

/** Of row `i` of `a` and row `j` of `b`. */
function product(a: Float32Array, i: number, b: Float32Array, j: number): number {
  let shapes = 0
  let changes = 0
  for (let k = i * width, l = j * width; k < i * width + bands; k++, l++) {
    shapes += (a[k] ?? 0) * (b[l] ?? 0)
    changes += (a[k + bands] ?? 0) * (b[l + bands] ?? 0)
  }
  return shapes + changes
}
