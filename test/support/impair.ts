import { below, seededRandom, type Random } from '../../src/kernel/random.ts'
import type { Codec } from '../../src/media/face.ts'
import { decode, encode } from '../../src/media/g711.ts'
import { levelDbov } from '../../src/media/level.ts'

/** One thing a line does to PCM16 mono at 8 kHz. */
export type Impairment = (pcm: Int16Array, random: Random) => Int16Array

const packet = 160
const samples = (ms: number): number => ms * 8

/** Runs `pcm` through the impairments in order; one seed gives one result. */
export function impair(pcm: Int16Array, seed: string, ...chain: readonly Impairment[]): Int16Array {
  const random = seededRandom(seed)
  return chain.reduce((sound, step) => step(sound, random), pcm)
}

export const silence = (ms: number): Int16Array => new Int16Array(samples(ms))

export function joined(...parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** White noise with an even distribution. */
export function noise(ms: number, dbov: number, random: Random): Int16Array {
  const peak = Math.sqrt(3) * 32_768 * 10 ** (dbov / 20)
  return silence(ms).map(() => (below(random, 65_537) / 32_768 - 1) * peak)
}

export const level =
  (db: number): Impairment =>
  (pcm) =>
    pcm.map((sample) => sample * 10 ** (db / 20))

export const withoutStart =
  (ms: number): Impairment =>
  (pcm) =>
    pcm.slice(samples(ms))

/** Keeps the first part, as when a greeting is cut off. */
export const firstPart =
  (share: number): Impairment =>
  (pcm) =>
    pcm.slice(0, Math.round(pcm.length * share))

export const around =
  (before: Int16Array, after: Int16Array): Impairment =>
  (pcm) =>
    joined(before, pcm, after)

export const g711 =
  (codec: Codec): Impairment =>
  (pcm) =>
    decode(codec, encode(codec, pcm))

/** Loses packets of 20 ms at random, filling in silence or the packet before. */
export const loss =
  (share: number, fill: 'silence' | 'repeat'): Impairment =>
  (pcm, random) => {
    const heard = pcm.slice()
    for (let at = packet; at + packet <= heard.length; at += packet) {
      if (below(random, 10_000) >= share * 10_000) continue
      if (fill === 'silence') heard.fill(0, at, at + packet)
      else heard.copyWithin(at, at - packet, at)
    }
    return heard
  }

/** Adds white noise this many dB under the level of the whole. */
export const noisy =
  (snrDb: number): Impairment =>
  (pcm, random) => {
    const added = noise(pcm.length / 8, levelDbov(pcm) - snrDb, random)
    return pcm.map((sample, i) => Math.max(-32_768, Math.min(32_767, sample + (added[i] ?? 0))))
  }
