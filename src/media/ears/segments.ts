import { createFft, zeros } from './fft.ts'
import { bands, width, type Spectrogram } from './spectrum.ts'

/** Frames that are transformed together. */
const length = 512
const fft = createFft(2 * length)
/** What is being transformed. */
const signal = zeros(fft.size)
/** Two columns travel as one complex signal: the real part of the sum of products is the sum of both correlations. */
const pairs = bands / 2

/** Spectra of all pairs of columns, frequency after frequency. */
interface Spectra {
  readonly re: Float32Array
  readonly im: Float32Array
}

/** Frames in pieces of `length`, transformed; silence has no spectra. */
export interface Segments {
  /** Where the first piece begins, in frames of the whole. */
  readonly from: number
  readonly pieces: readonly (Spectra | undefined)[]
}

/** Of a sound to look for: its shapes alone. */
export function segmentsOf({ frames, rows }: Spectrogram): Segments {
  const shapes = new Float32Array(frames * bands)
  for (let t = 0; t < frames; t++) shapes.set(rows.subarray(t * width, t * width + bands), t * bands)
  return { from: 0, pieces: pieces(shapes) }
}

/**
 * Of the frames `from` up to, not including, `to` of what is heard. Its changes are to be laid against the reference's,
 * which are differences of its shapes two frames apart: their own such differences laid against the shapes come to the same.
 */
export function segmentsWithin({ rows, energies }: Spectrogram, from: number, to: number): Segments {
  const folded = new Float32Array((to - from + 4) * bands)
  for (let t = from; t < to; t++) {
    if (energies[t] === 0) continue
    const before = (t - from) * bands
    const now = before + 2 * bands
    const after = now + 2 * bands
    for (let band = 0; band < bands; band++) {
      const change = rows[t * width + bands + band] ?? 0
      folded[before + band] = (folded[before + band] ?? 0) - change
      folded[now + band] = (folded[now + band] ?? 0) + (rows[t * width + band] ?? 0)
      folded[after + band] = (folded[after + band] ?? 0) + change
    }
  }
  return { from: from - 2, pieces: pieces(folded) }
}

function pieces(columns: Float32Array): Segments['pieces'] {
  const size = length * bands
  return Array.from({ length: Math.ceil(columns.length / size) }, (_, i) => {
    const piece = columns.subarray(i * size, (i + 1) * size)
    return isSilent(piece) ? undefined : transformed(piece)
  })
}

function isSilent(columns: Float32Array): boolean {
  for (let i = 0; i < columns.length; i++) if (columns[i] !== 0) return false
  return true
}

function transformed(columns: Float32Array): Spectra {
  const re = new Float32Array(fft.size * pairs)
  const im = new Float32Array(fft.size * pairs)
  const frames = columns.length / bands
  for (let pair = 0; pair < pairs; pair++) {
    clear()
    for (let t = 0; t < frames; t++) {
      signal.re[t] = columns[t * bands + 2 * pair] ?? 0
      signal.im[t] = columns[t * bands + 2 * pair + 1] ?? 0
    }
    fft.forward(signal.re, signal.im)
    for (let k = 0; k < fft.size; k++) {
      re[k * pairs + pair] = signal.re[k] ?? 0
      im[k * pairs + pair] = signal.im[k] ?? 0
    }
  }
  return { re, im }
}

function clear(): void {
  signal.re.fill(0)
  signal.im.fill(0)
}

/** Adds to `products`, where shift 0 stands at `zero`, `sign` times the correlation of what is heard with `reference` at each shift. */
export function correlate(
  products: Float64Array,
  zero: number,
  heard: Segments,
  reference: Segments,
  sign: 1 | -1,
): void {
  for (let apart = 1 - reference.pieces.length; apart < heard.pieces.length; apart++) {
    clear()
    let sounds = false
    for (const [i, part] of reference.pieces.entries()) {
      const piece = heard.pieces[i + apart]
      if (piece === undefined || part === undefined) continue
      sounds = true
      addProducts(piece, part)
    }
    if (sounds) addShifts(products, zero + heard.from + apart * length, sign)
  }
}

/** Adds the sum over all pairs of a · conj(b). */
function addProducts(a: Spectra, b: Spectra): void {
  for (let k = 0; k < fft.size; k++) {
    let re = 0
    let im = 0
    for (let i = k * pairs; i < (k + 1) * pairs; i++) {
      const aRe = a.re[i] ?? 0
      const aIm = a.im[i] ?? 0
      const bRe = b.re[i] ?? 0
      const bIm = b.im[i] ?? 0
      re += aRe * bRe + aIm * bIm
      im += aIm * bRe - aRe * bIm
    }
    signal.re[k] = (signal.re[k] ?? 0) + re
    signal.im[k] = (signal.im[k] ?? 0) + im
  }
}

function addShifts(products: Float64Array, zero: number, sign: 1 | -1): void {
  fft.inverse(signal.re, signal.im)
  const from = Math.max(1 - length, -zero)
  const to = Math.min(length, products.length - zero)
  for (let shift = from; shift < to; shift++) {
    const at = zero + shift
    products[at] = (products[at] ?? 0) + sign * (signal.re[shift & (fft.size - 1)] ?? 0)
  }
}
