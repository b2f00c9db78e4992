import { delaySearch, type DelaySearch } from './delay.ts'

/** How a recording differs from what was said. */
export interface Comparison {
  /** ms by which the recording holds the speech later than `said` does; negative: earlier. */
  readonly delayMs: number
  /** Normalised correlation of the waveforms over all of `said`, 0..1; 0.9 and more is the same message. */
  readonly correlation: number
  /** Speech of the recording, from its first to its last, less that of `said`. */
  readonly durationDifferenceMs: number
  /** Speech of `said` that is nowhere in the recording. */
  readonly missingMs: number
  /** Level of the recording less that of `said`, where both correspond; 0 when they do nowhere. */
  readonly levelDifferenceDb: number
}

const perMs = 8
const windowMs = 100
const length = windowMs * perMs
/** A window of `said` this far under its loudest one carries no speech. */
const speechDb = 35
const quietestRms = 30
const sameFrom = 0.5
/** From this correlation on, no other delay can be meant. */
const certainFrom = 0.8
/** Times that the recording may jump: each piece of it lies at a delay of its own. */
const jumps = 4

/** Both PCM16 mono at 8 kHz; the recording may begin earlier or later, with silence at either side. */
export function compare(said: Int16Array, recorded: Int16Array): Comparison {
  const windows = speechWindows(said)
  const search = delaySearch(recorded)
  const { delay, fits } = aligned(said, recorded, windows, search)
  const present = fits.filter(({ correlation }) => correlation >= sameFrom)
  return {
    delayMs: delay / perMs,
    correlation: overall(fits),
    durationDifferenceMs: speechMs(recorded) - speechMs(said),
    missingMs: windowMs * unfound(said, recorded, fits, search),
    levelDifferenceDb: decibels(
      sum(present, (f) => f.recordedEnergy),
      sum(present, (f) => f.saidEnergy),
    ),
  }
}

interface Alignment {
  readonly delay: number
  readonly fits: readonly Fit[]
}

/** The quick look suffices for a message that is there; only what is not found by it is searched for thoroughly. */
function aligned(said: Int16Array, recorded: Int16Array, windows: readonly number[], search: DelaySearch): Alignment {
  const at = (delay: number): Alignment => ({ delay, fits: windows.map((start) => fit(said, recorded, start, delay)) })
  const quick = at(search.quick(said))
  return overall(quick.fits) >= certainFrom ? quick : at(search.thorough(said))
}

interface Fit {
  readonly at: number
  readonly correlation: number
  readonly saidEnergy: number
  readonly recordedEnergy: number
}

/** One window of `said` against the recording `delay` samples later. */
function fit(said: Int16Array, recorded: Int16Array, at: number, delay: number): Fit {
  const end = Math.min(at + length, said.length)
  const to = Math.min(end, recorded.length - delay)
  const saidEnergy = energy(said.subarray(at, end))
  let product = 0
  let recordedEnergy = 0
  for (let i = Math.max(at, -delay); i < to; i++) {
    const y = recorded[i + delay] ?? 0
    product += (said[i] ?? 0) * y
    recordedEnergy += y * y
  }
  const correlation = Math.max(0, product / Math.sqrt(saidEnergy * recordedEnergy + 1e-9))
  return { at, correlation, saidEnergy, recordedEnergy }
}

/** How many windows are missing at their delay and at every other: what comes after a splice is only displaced. */
function unfound(said: Int16Array, recorded: Int16Array, fits: readonly Fit[], search: DelaySearch): number {
  let left = fits.filter(({ correlation }) => correlation < sameFrom).map(({ at }) => at)
  for (let i = 0; i < jumps && left.length > 1; i++) {
    const delay = search.thorough(only(said, left))
    const still = left.filter((at) => fit(said, recorded, at, delay).correlation < sameFrom)
    if (still.length > left.length - 2) break
    left = still
  }
  return left.length
}

/** `said` with nothing but the windows at `kept`. */
function only(said: Int16Array, kept: readonly number[]): Int16Array {
  const part = new Int16Array(said.length)
  for (const at of kept) part.set(said.subarray(at, at + length), at)
  return part
}

/** Starts of the windows that carry speech. */
function speechWindows(pcm: Int16Array): readonly number[] {
  const starts = Array.from({ length: Math.ceil(pcm.length / length) }, (_, i) => i * length)
  const heights = starts.map((at) => rms(pcm.subarray(at, at + length)))
  const threshold = speechFrom(heights)
  return starts.filter((_, i) => (heights[i] ?? 0) >= threshold)
}

const frame = 10 * perMs

/** ms from the first to the last frame with speech. */
function speechMs(pcm: Int16Array): number {
  const heights: number[] = []
  for (let at = 0; at < pcm.length; at += frame) heights.push(rms(pcm.subarray(at, at + frame)))
  const threshold = speechFrom(heights)
  const speaks = (height: number): boolean => height >= threshold
  const first = heights.findIndex(speaks)
  return first < 0 ? 0 : (heights.findLastIndex(speaks) - first + 1) * (frame / perMs)
}

const speechFrom = (heights: readonly number[]): number =>
  heights.reduce((loudest, height) => Math.max(loudest, height * 10 ** (-speechDb / 20)), quietestRms)
const sum = (fits: readonly Fit[], of: (fit: Fit) => number): number => fits.reduce((total, f) => total + of(f), 0)
const decibels = (a: number, b: number): number => (a > 0 && b > 0 ? 10 * Math.log10(a / b) : 0)

/** Of the fits, each weighted with the height of what was said. */
function overall(fits: readonly Fit[]): number {
  const weight = sum(fits, (f) => Math.sqrt(f.saidEnergy))
  return weight === 0 ? 0 : sum(fits, (f) => f.correlation * Math.sqrt(f.saidEnergy)) / weight
}

const rms = (pcm: Int16Array): number => Math.sqrt(energy(pcm) / Math.max(1, pcm.length))

function energy(pcm: Int16Array): number {
  let total = 0
  for (let i = 0; i < pcm.length; i++) total += (pcm[i] ?? 0) ** 2
  return total
}
