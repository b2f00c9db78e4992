import { createFft } from './fft.ts'

/** What a voice sounds like frame by frame, free of its level: one row of `width` numbers per 10 ms, all zero in silence. */
export interface Spectrogram {
  readonly frames: number
  /** Row after row. */
  readonly rows: Float64Array
  /** 1 where the frame carries sound, 0 where it is silence. */
  readonly active: Uint8Array
}

export const hopMs = 10
const hop = 80
const window = 256
const bands = 16
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
const hann = new Float64Array(window).map((_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / window))
const edges = bandEdges()
/** Energy in one band of a signal at 0 dBov spread evenly over all bands. */
const fullScale = (2 ** 30 * window * 0.375 * window) / 2 / bands

/** Describes PCM16 mono at 8 kHz. */
export function spectrogram(pcm: Int16Array): Spectrogram {
  const frames = Math.max(0, Math.floor((pcm.length - window) / hop) + 1)
  const energies = bandEnergies(pcm, frames)
  const floor = soundFloor(energies, frames)
  const shapes = new Float64Array(frames * bands)
  const active = new Uint8Array(frames)
  for (let t = 0; t < frames; t++) {
    const from = t * bands
    let mean = 0
    for (let i = from; i < from + bands; i++) {
      const height = Math.log10(1 + (energies[i] ?? 0) / floor)
      shapes[i] = height
      mean += height / bands
    }
    const sounds = mean >= soundFrom
    active[t] = sounds ? 1 : 0
    for (let i = from; i < from + bands; i++) shapes[i] = sounds ? (shapes[i] ?? 0) - mean : 0
  }
  return { frames, rows: withChange(shapes, frames), active }
}

/** Row of band energies per frame. Two frames go through one transform, as its real and its imaginary part. */
function bandEnergies(pcm: Int16Array, frames: number): Float64Array {
  const energies = new Float64Array((frames + 1) * bands)
  const re = new Float64Array(window)
  const im = new Float64Array(window)
  for (let t = 0; t < frames; t += 2) {
    const at = t * hop
    for (let i = 0; i < window; i++) {
      const weight = hann[i] ?? 0
      re[i] = (pcm[at + i] ?? 0) * weight
      im[i] = (pcm[at + hop + i] ?? 0) * weight
    }
    fft.forward(re, im)
    addBands(energies, t * bands, re, im)
  }
  return energies
}

/** Takes apart the spectra of the two frames that were transformed together: each is half of z(k) ± conj z(-k). */
function addBands(energies: Float64Array, at: number, re: Float64Array, im: Float64Array): void {
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

/** Band energy under which nothing is heard: relative to the louder frames, never under that of a quiet line. */
function soundFloor(energies: Float64Array, frames: number): number {
  const quietest = fullScale * 10 ** (quietestDbov / 10)
  const sounding: number[] = []
  for (let t = 0; t < frames; t++) {
    let total = 0
    for (let i = t * bands; i < (t + 1) * bands; i++) total += energies[i] ?? 0
    if (total / bands > quietest) sounding.push(total / bands)
  }
  const loud = sounding.sort((a, b) => a - b)[Math.floor(sounding.length * 0.8)] ?? 0
  return Math.max(quietest, loud * 10 ** (-rangeDb / 10))
}

function withChange(shapes: Float64Array, frames: number): Float64Array {
  const rows = new Float64Array(frames * width)
  for (let t = 0; t < frames; t++) {
    const before = Math.max(0, t - 2) * bands
    const after = Math.min(frames - 1, t + 2) * bands
    for (let band = 0; band < bands; band++) {
      rows[t * width + band] = shapes[t * bands + band] ?? 0
      rows[t * width + bands + band] = (shapes[after + band] ?? 0) - (shapes[before + band] ?? 0)
    }
  }
  return rows
}
