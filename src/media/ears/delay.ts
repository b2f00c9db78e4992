import { crossCorrelation } from './correlate.ts'

/** Finds the shift in samples at which a sound correlates best with a recording; 0 when nowhere. */
export interface DelaySearch {
  /** Looks for the low frequencies of the loudest seconds, then closely about where they fit: finds what is there, but not always the best of nothing. */
  quick(said: Int16Array): number
  thorough(part: Int16Array): number
}

/** Samples that the quick look takes as one. */
const coarse = 4

export function delaySearch(recorded: Int16Array): DelaySearch {
  const near = crossCorrelation(thinned(recorded))
  let exact: ((part: Int16Array) => number) | undefined
  return {
    quick(said) {
      const from = loudest(said)
      const part = said.subarray(from, from + excerpt)
      return bestAbout(part, recorded, coarse * near(thinned(part))) - from
    },
    thorough: (part) => (exact ??= crossCorrelation(recorded))(part),
  }
}

/** Samples of an excerpt: 4 s. Where a message speaks that long and is there, these alone tell its delay. */
const excerpt = 32_000
const second = 8000

/** Where the loudest excerpt begins, to a second. */
function loudest(said: Int16Array): number {
  let best = 0
  let highest = -1
  for (let from = 0; from === 0 || from + excerpt <= said.length; from += second) {
    const energy = product(said.subarray(from, from + excerpt), said, from)
    if (energy <= highest) continue
    best = from
    highest = energy
  }
  return best
}

/** Every fourth sample, after a low pass. */
function thinned(pcm: Int16Array): Int16Array {
  const thin = new Int16Array(Math.floor(pcm.length / coarse))
  for (let i = 0; i < thin.length; i++) {
    const at = i * coarse
    thin[i] = ((pcm[at] ?? 0) + (pcm[at + 1] ?? 0) + (pcm[at + 2] ?? 0) + (pcm[at + 3] ?? 0)) / coarse
  }
  return thin
}

function bestAbout(said: Int16Array, recorded: Int16Array, middle: number): number {
  let best = middle
  let highest = 1
  for (let shift = middle - coarse; shift <= middle + coarse; shift++) {
    const value = product(said, recorded, shift)
    if (value <= highest) continue
    best = shift
    highest = value
  }
  return best
}

function product(said: Int16Array, recorded: Int16Array, shift: number): number {
  let sum = 0
  const to = Math.min(said.length, recorded.length - shift)
  for (let i = Math.max(0, -shift); i < to; i++) sum += (said[i] ?? 0) * (recorded[i + shift] ?? 0)
  return sum
}
