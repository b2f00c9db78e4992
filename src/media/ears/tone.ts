import { bridgedFrames, fewestFrames, hop, pureFrames, window, type PureFrame } from './pure.ts'

/** A single steady tone; times in ms from the start of what was heard. */
export interface HeardTone {
  readonly frequencyHz: number
  readonly fromMs: number
  readonly toMs: number
  readonly levelDbov: number
}

const rate = 8000
const overload = 32_768

const shortestMs = 150
const steadyHz = 12
/** Samples by which the edges of a tone are found. */
const block = 40

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
  return all.filter((run) => run.length >= fewestFrames)
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
