import type { Description } from './description.ts'
import { lagSearch } from './lags.ts'
import { overlap, type Overlap } from './overlap.ts'
import { spectrogram, width } from './spectrum.ts'

/** Lays references over what is heard, of which parts can be made silent. */
export interface Listening {
  /** At the shifts where `reference` lies best, best first. */
  overlaps(reference: Description): readonly Overlap[]
  /** Frames `from` up to, not including, `to`. */
  silence(from: number, to: number): void
}

/** Shifts of each reference that are looked at closely. */
const shifts = 3

/** Listens to PCM16 mono at 8 kHz. */
export function listening(pcm: Int16Array): Listening {
  const heard = spectrogram(pcm)
  const search = lagSearch(heard)
  const known = new Map<Description, Map<number, Overlap>>()
  return {
    overlaps(reference) {
      const before = known.get(reference)
      const now = new Map<number, Overlap>()
      for (const lag of search.best(reference, shifts))
        now.set(lag, before?.get(lag) ?? overlap(heard, reference.sound, lag))
      known.set(reference, now)
      return [...now.values()]
    },
    silence(from, to) {
      const [start, end] = [Math.max(0, from), Math.min(heard.frames, to)]
      search.without(start, end)
      heard.rows.fill(0, start * width, end * width)
      heard.energies.fill(0, start, end)
      heard.active.fill(0, start, end)
      for (const [{ sound }, overlaps] of known)
        for (const lag of overlaps.keys()) if (lag < end && lag + sound.frames > start) overlaps.delete(lag)
    },
  }
}
