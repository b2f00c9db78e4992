import { addProduct, createFft, powerOfTwoFrom, zeros, type Complex, type Fft } from './fft.ts'
import { width, type Spectrogram } from './spectrum.ts'

/** The `count` shifts in frames at which `reference` lies best in what is heard, best first. Negative: its start is missing. */
export type LagSearch = (reference: Spectrogram, count: number) => readonly number[]

/** Shifts closer than this many frames count as one. */
const apart = 10

/** Prepares the search in `heard` for references of up to `longest` frames: every shift at once, by Fourier transform. */
export function lagSearch(heard: Spectrogram, longest: number): LagSearch {
  const fft = createFft(powerOfTwoFrom(heard.frames + longest))
  const there = transformed(heard, fft)
  const energyBefore = runningEnergy(heard)
  return (reference, count) => {
    const sum = zeros(fft.size)
    for (const [pair, spectrum] of transformed(reference, fft).entries()) addProduct(sum, there[pair] ?? sum, spectrum)
    fft.inverse(sum.re, sum.im)
    const energy = runningEnergy(reference).at(-1) ?? 0
    const score = (lag: number): number => {
      const [from, to] = [Math.max(0, lag), Math.min(heard.frames, lag + reference.frames)]
      const under = (energyBefore[to] ?? 0) - (energyBefore[from] ?? 0)
      return (sum.re[(lag + fft.size) % fft.size] ?? 0) / Math.sqrt(energy * Math.max(under, energy / 5) + 1e-9)
    }
    return peaks(score, 1 - reference.frames, heard.frames, count)
  }
}

/** Two columns travel as one complex signal: the real part of the sum of products is the sum of both correlations. */
function transformed({ frames, rows }: Spectrogram, fft: Fft): Complex[] {
  return Array.from({ length: width / 2 }, (_, pair) => {
    const signal = zeros(fft.size)
    for (let t = 0; t < frames; t++) {
      signal.re[t] = rows[t * width + 2 * pair] ?? 0
      signal.im[t] = rows[t * width + 2 * pair + 1] ?? 0
    }
    fft.forward(signal.re, signal.im)
    return signal
  })
}

/** Energy of all rows before each frame. */
function runningEnergy({ frames, rows }: Spectrogram): Float64Array {
  const running = new Float64Array(frames + 1)
  for (let t = 0; t < frames; t++) {
    let energy = 0
    for (let i = t * width; i < (t + 1) * width; i++) energy += (rows[i] ?? 0) ** 2
    running[t + 1] = (running[t] ?? 0) + energy
  }
  return running
}

function peaks(score: (lag: number) => number, from: number, to: number, count: number): readonly number[] {
  const scores = Array.from({ length: Math.max(0, to - from) }, (_, i) => score(from + i))
  const found: number[] = []
  while (found.length < count) {
    let best = -1
    for (const [i, value] of scores.entries()) {
      if (value > (scores[best] ?? 0) && found.every((lag) => Math.abs(lag - from - i) >= apart)) best = i
    }
    if (best < 0) break
    found.push(from + best)
  }
  return found
}
