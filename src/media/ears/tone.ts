import { createFft } from './fft.ts'

/** A single steady tone; times in ms from the start of what was heard. */
export interface HeardTone {
  readonly frequencyHz: number
  readonly fromMs: number
  readonly toMs: number
  readonly levelDbov: number
}

const rate = 8000
const overload = 32_768

const hop = 80
const window = 512
const hzPerBin = rate / window
const lowestHz = 300
const highestHz = 3400
const shortestMs = 150
/** Share of the energy of a window that lies within `lobe` bins of its peak. A vowel stays under it. */
const pureFrom = 0.9
const lobe = 2
const quietestDbov = -50
const steadyHz = 12
/** Frames that a lost packet may take out of a tone. */
const bridgedFrames = 10
/** Samples by which the edges of a tone are found. */
const block = 40

const fft = createFft(window)
const hann = new Float64Array(window).map((_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / window))

/** A tone as PCM16 mono at 8 kHz that rises and falls within 5 ms. */
export function beep(frequencyHz = 1000, ms = 400, levelDbov = -15): Int16Array {
  const length = Math.round((ms * rate) / 1000)
  const peak = Math.min(overload - 1, overload * Math.SQRT2 * 10 ** (levelDbov / 20))
  return new Int16Array(length).map((_, i) => {
    const ramp = Math.min(1, (i + 0.5) / 40, (length - i - 0.5) / 40)
    return Math.round(peak * ramp * Math.sin((2 * Math.PI * frequencyHz * i) / rate))
  })
}

/** Single steady tones of 300 to 3400 Hz and 150 ms or more in PCM16 mono at 8 kHz, in order of time. */
export function findTones(heard: Int16Array): readonly HeardTone[] {
  return runs(pureFrames(heard))
    .map((run) => measured(heard, run))
    .filter(({ fromMs, toMs }) => toMs - fromMs >= shortestMs - (1000 * block) / rate)
}

interface PureFrame {
  readonly frame: number
  readonly hz: number
}

function pureFrames(heard: Int16Array): PureFrame[] {
  const found: PureFrame[] = []
  for (let frame = 0; frame * hop + window <= heard.length; frame++) {
    const hz = pureTone(heard, frame * hop)
    if (hz !== undefined) found.push({ frame, hz })
  }
  return found
}

/** Frequency of the one tone that fills a window, if one does. */
function pureTone(heard: Int16Array, at: number): number | undefined {
  const re = new Float64Array(window).map((_, i) => (heard[at + i] ?? 0) * (hann[i] ?? 0))
  const im = new Float64Array(window)
  fft.forward(re, im)
  const power = new Float64Array(window / 2).map((_, k) => (k < 3 ? 0 : (re[k] ?? 0) ** 2 + (im[k] ?? 0) ** 2))
  const peak = power.reduce((best, value, k) => (value > (power[best] ?? 0) ? k : best), 0)
  const hz = (peak + offset(power, peak)) * hzPerBin
  const total = power.reduce((sum, value) => sum + value, 0)
  const near = power.subarray(Math.max(0, peak - lobe), peak + lobe + 1).reduce((sum, value) => sum + value, 0)
  const audible = (2 * total) / (0.375 * window * window) > (overload * 10 ** (quietestDbov / 20)) ** 2
  return audible && near >= pureFrom * total && hz >= lowestHz && hz <= highestHz ? hz : undefined
}

/** Where between the bins the peak of a Hann window lies, by a parabola through the logarithms. */
function offset(power: Float64Array, peak: number): number {
  const [before = 0, at = 0, after = 0] = [-1, 0, 1].map((i) => Math.log((power[peak + i] ?? 0) + 1e-9))
  const bend = before - 2 * at + after
  return bend < 0 ? (before - after) / (2 * bend) : 0
}

/** Frames of one frequency that follow one another. */
function runs(frames: readonly PureFrame[]): PureFrame[][] {
  const all: PureFrame[][] = []
  for (const next of frames) {
    const run = all.at(-1)
    const last = run?.at(-1)
    const [first] = run ?? []
    const steady =
      last !== undefined &&
      first !== undefined &&
      Math.max(Math.abs(next.hz - last.hz), Math.abs(next.hz - first.hz)) <= steadyHz
    if (run !== undefined && steady && next.frame - last.frame <= bridgedFrames) run.push(next)
    else all.push([next])
  }
  return all.filter((run) => run.length >= 5)
}

/** Frequency from the middle of the run, edges to 5 ms where the tone falls under half its height. */
function measured(heard: Int16Array, run: readonly PureFrame[]): HeardTone {
  const hz = run.map((frame) => frame.hz).sort((a, b) => a - b)[run.length >> 1] ?? 0
  const height = (at: number): number => toneHeight(heard.subarray(at - block, at + block), hz)
  const middles = run.map(({ frame }) => frame * hop + window / 2)
  const typical = middles.map(height).sort((a, b) => a - b)[run.length >> 1] ?? 0
  let from = middles[0] ?? 0
  let to = middles.at(-1) ?? 0
  while (from >= block && height(from - block) > typical / 2) from -= block
  while (to + block <= heard.length && height(to + block) > typical / 2) to += block
  return {
    frequencyHz: Math.round(hz * 10) / 10,
    fromMs: (from * 1000) / rate,
    toMs: (to * 1000) / rate,
    levelDbov: 20 * Math.log10(Math.max(1, typical) / Math.SQRT2 / overload),
  }
}

/** Peak of the part of `pcm` at `hz` (Goertzel). */
function toneHeight(pcm: Int16Array, hz: number): number {
  const step = 2 * Math.cos((2 * Math.PI * hz) / rate)
  let last = 0
  let before = 0
  for (const sample of pcm) {
    const next = sample + step * last - before
    before = last
    last = next
  }
  const power = last * last + before * before - step * last * before
  return (2 * Math.sqrt(Math.max(0, power))) / (2 * block)
}
