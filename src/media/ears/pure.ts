import { createFft, zeros } from './fft.ts'
import { hann, nextLoud, weigh } from './window.ts'

/** A frame that a single tone fills. */
export interface PureFrame {
  readonly frame: number
  readonly hz: number
}

/** Samples from frame to frame, and of the window that is looked at for each. */
export const hop = 80
export const window = 512
/** Frames of a tone that a lost packet may take out of it. */
export const bridgedFrames = 10
/** Pure frames of the shortest tone. */
export const fewestFrames = 5
/** Every so many frames one is looked at: of the shortest tone at least one, though a frame of it may be lost. */
const step = fewestFrames - 1

const hzPerBin = 8000 / window
const lowestHz = 300
const highestHz = 3400
/** Share of the energy of a window that lies within `lobe` bins of its peak. A vowel stays under it. */
const pureFrom = 0.9
const lobe = 2
const quietestDbov = -50
const quietestPeak = 2 ** 15 * 10 ** (quietestDbov / 20)
/** Energy up to which nothing is audible, as the sum over the bins of a window. */
const inaudible = (quietestPeak ** 2 * 0.375 * window ** 2) / 2
const lowestBin = 3

const fft = createFft(window)
const weights = hann(window)
const signal = zeros(window)
const powers = [new Float64Array(window / 2), new Float64Array(window / 2)] as const

/**
 * The pure frames of every tone in PCM16 mono at 8 kHz, in order of time, and few others. A tone is met at one of its frames,
 * and followed from there to both sides.
 */
export function pureFrames(heard: Int16Array): readonly PureFrame[] {
  const frames = Math.max(0, Math.floor((heard.length - window) / hop) + 1)
  const looked = new Map<number, number | undefined>()
  const hzAt = (frame: number, next: number): number | undefined => {
    if (!looked.has(frame)) look(heard, frame, Math.min(frames - 1, next), looked)
    return looked.get(frame)
  }
  /** From a pure frame on, until a gap is too long; answers the first frame after it. */
  const follow = (from: number, direction: 1 | -1): number => {
    let frame = from + direction
    for (let gap = 0; frame >= 0 && frame < frames && gap < bridgedFrames; frame += direction)
      gap = hzAt(frame, Math.max(0, frame + direction)) === undefined ? gap + 1 : 0
    return frame
  }
  let followed = 0
  for (const frame of metAt(heard, frames, looked)) {
    if (frame < followed) continue
    follow(frame, -1)
    followed = follow(frame, 1)
  }
  return [...looked]
    .flatMap(([frame, hz]) => (hz === undefined ? [] : [{ frame, hz }]))
    .sort((a, b) => a.frame - b.frame)
}

/** Looks at as few frames as meet every tone, and leaves out silence; answers those that are pure. */
function metAt(heard: Int16Array, frames: number, looked: Map<number, number | undefined>): readonly number[] {
  let loud = 0
  for (let frame = 0; frame < frames; frame += 2 * step) {
    const next = Math.min(frames - 1, frame + step)
    if (loud <= frame * hop) loud = nextLoud(heard, frame * hop, quietestPeak)
    if (loud < next * hop + window) look(heard, frame, next, looked)
  }
  return [...looked].filter(([, hz]) => hz !== undefined).map(([frame]) => frame)
}

/** Looks at two frames at once: they go through one transform as its real and its imaginary part. */
function look(heard: Int16Array, first: number, second: number, looked: Map<number, number | undefined>): void {
  weigh(heard, first * hop, weights, signal.re)
  weigh(heard, second * hop, weights, signal.im)
  fft.forward(signal.re, signal.im)
  takeApart()
  looked.set(first, pureTone(powers[0]))
  looked.set(second, pureTone(powers[1]))
}

/** The spectra of the two frames: each is half of z(k) ± conj z(-k). */
function takeApart(): void {
  const { re, im } = signal
  const [first, second] = powers
  for (let k = lowestBin; k < window / 2; k++) {
    const a = re[k] ?? 0
    const b = im[k] ?? 0
    const c = re[window - k] ?? 0
    const d = im[window - k] ?? 0
    first[k] = ((a + c) * (a + c) + (b - d) * (b - d)) / 4
    second[k] = ((b + d) * (b + d) + (a - c) * (a - c)) / 4
  }
}

/** Frequency of the one tone that fills a window, if one does. */
function pureTone(power: Float64Array): number | undefined {
  let total = 0
  let peak = 0
  let highest = 0
  for (let k = lowestBin; k < power.length; k++) {
    const value = power[k] ?? 0
    total += value
    if (value <= highest) continue
    peak = k
    highest = value
  }
  if (total <= inaudible) return undefined
  const near = power.subarray(Math.max(0, peak - lobe), peak + lobe + 1).reduce((sum, value) => sum + value, 0)
  const hz = (peak + offset(power, peak)) * hzPerBin
  return near >= pureFrom * total && hz >= lowestHz && hz <= highestHz ? hz : undefined
}

/** Where between the bins the peak of a Hann window lies, by a parabola through the logarithms. */
function offset(power: Float64Array, peak: number): number {
  const [before = 0, at = 0, after = 0] = [-1, 0, 1].map((i) => Math.log((power[peak + i] ?? 0) + 1e-9))
  const bend = before - 2 * at + after
  return bend < 0 ? (before - after) / (2 * bend) : 0
}
