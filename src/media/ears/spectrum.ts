import { createFft } from './fft.ts'
import { hann, nextLoud, weigh } from './window.ts'

/** What a voice sounds like frame by frame, free of its level: one row of `width` numbers per 10 ms, all zero in silence. */
export interface Spectrogram {
  readonly frames: number
  /** Row after row. */
  readonly rows: Float32Array
  /** Sum of the squares of each row. */
  readonly energies: Float64Array
  /** 1 where the frame carries sound, 0 where it is silence. */
  readonly active: Uint8Array
}

export const hopMs = 10
const hop = 80
const window = 256
export const bands = 16
/** Each row: the shape of the spectrum over the bands, then how that shape changes. */
export const width = 2 * bands

const lowestHz = 300
const highestHz = 3400
/** Sound this far under the loud part of a signal is taken for silence. */
const rangeDb = 40
const quietestDbov = -70
/** Mean height over the floor, in powers of ten, from which a frame counts as sound. */
const soundFrom = 0.7

const fft = createFft(window)
const weights = hann(window)
const edges = bandEdges()
/** Energy in one band of a signal at 0 dBov spread evenly over all bands. */
const fullScale = (2 ** 30 * window * 0.375 * window) / 2 / bands
const quietest = fullScale * 10 ** (quietestDbov / 10)
/** Where no sample is over this, no frame counts as sound. */
const quietestPeak = 2 ** 15 * 10 ** (quietestDbov / 20)
/** Mean band energy over the floor up to which no frame counts as sound: a mean of logarithms is under that of the mean. */
const silentUpTo = 10 ** soundFrom - 1

/** Describes PCM16 mono at 8 kHz. */
export function spectrogram(pcm: Int16Array): Spectrogram {
  const frames = Math.max(0, Math.floor((pcm.length - window) / hop) + 1)
  const energies = bandEnergies(pcm, frames)
  const active = shape(energies, frames)
  const rows = withChange(energies, frames)
  return { frames, rows, energies: rowEnergies(rows, frames), active }
}

/** Turns the energies of each frame into the shape of its spectrum, or zeros in silence. Answers which frames sound. */
function shape(energies: Float32Array, frames: number): Uint8Array {
  const means = new Float64Array(frames).map((_, t) => mean(energies, t))
  const floor = soundFloor(means)
  return new Uint8Array(frames).map((_, t) => {
    const sounds = (means[t] ?? 0) > silentUpTo * floor && shapeFrame(energies, t * bands, floor)
    if (!sounds) energies.fill(0, t * bands, (t + 1) * bands)
    return sounds ? 1 : 0
  })
}

/** Answers whether the frame stands out of the floor far enough to count as sound. */
function shapeFrame(energies: Float32Array, from: number, floor: number): boolean {
  let height = 0
  for (let i = from; i < from + bands; i++) {
    const value = Math.log(1 + (energies[i] ?? 0) / floor) * Math.LOG10E
    energies[i] = value
    height += value / bands
  }
  for (let i = from; i < from + bands; i++) energies[i] = (energies[i] ?? 0) - height
  return height >= soundFrom
}

/** Band energies of each frame. Two frames go through one transform, as its real and its imaginary part. */
function bandEnergies(pcm: Int16Array, frames: number): Float32Array {
  const energies = new Float32Array((frames + 1) * bands)
  const re = new Float64Array(window)
  const im = new Float64Array(window)
  let loud = nextLoud(pcm, 0, quietestPeak)
  for (let t = 0; t < frames; t += 2) {
    const at = t * hop
    if (loud < at) loud = nextLoud(pcm, at, quietestPeak)
    if (loud >= at + hop + window) continue
    weigh(pcm, at, weights, re)
    if (t + 1 < frames) weigh(pcm, at + hop, weights, im)
    else im.fill(0)
    fft.forward(re, im)
    addBands(energies, t * bands, re, im)
  }
  return energies
}

/** Takes apart the spectra of the two frames that were transformed together: each is half of z(k) ± conj z(-k). */
function addBands(energies: Float32Array, at: number, re: Float64Array, im: Float64Array): void {
  for (let band = 0; band < bands; band++) {
    let first = 0
    let second = 0
    for (let k = edges[band] ?? 0; k < (edges[band + 1] ?? 0); k++) {
      const a = re[k] ?? 0
      const b = im[k] ?? 0
      const c = re[window - k] ?? 0
      const d = im[window - k] ?? 0
      first += (a + c) * (a + c) + (b - d) * (b - d)
      second += (b + d) * (b + d) + (a - c) * (a - c)
    }
    energies[at + band] = first / 4
    energies[at + bands + band] = second / 4
  }
}

/** Band limits as bins of the transform, evenly spaced on the mel scale. */
function bandEdges(): readonly number[] {
  const mel = (hz: number): number => 2595 * Math.log10(1 + hz / 700)
  const hz = (m: number): number => 700 * (10 ** (m / 2595) - 1)
  const step = (mel(highestHz) - mel(lowestHz)) / bands
  return Array.from({ length: bands + 1 }, (_, i) => Math.round((hz(mel(lowestHz) + i * step) * window) / 8000))
}

function mean(energies: Float32Array, t: number): number {
  let total = 0
  for (let i = t * bands; i < (t + 1) * bands; i++) total += energies[i] ?? 0
  return total / bands
}

/** Band energy under which nothing is heard: relative to the louder frames, never under that of a quiet line. */
function soundFloor(means: Float64Array): number {
  const sounding = means.filter((mean) => mean > quietest).sort()
  const loud = sounding[Math.floor(sounding.length * 0.8)] ?? 0
  return Math.max(quietest, loud * 10 ** (-rangeDb / 10))
}

function withChange(shapes: Float32Array, frames: number): Float32Array {
  const rows = new Float32Array(frames * width)
  for (let t = 0; t < frames; t++) {
    const row = t * width
    const now = t * bands
    const before = Math.max(0, t - 2) * bands
    const after = Math.min(frames - 1, t + 2) * bands
    for (let band = 0; band < bands; band++) {
      rows[row + band] = shapes[now + band] ?? 0
      rows[row + bands + band] = (shapes[after + band] ?? 0) - (shapes[before + band] ?? 0)
    }
  }
  return rows
}

function rowEnergies(rows: Float32Array, frames: number): Float64Array {
  return new Float64Array(frames).map((_, t) => {
    let energy = 0
    for (let i = t * width; i < (t + 1) * width; i++) energy += (rows[i] ?? 0) ** 2
    return energy
  })
}
