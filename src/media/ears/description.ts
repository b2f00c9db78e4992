import { segmentsOf, type Segments } from './segments.ts'
import { spectrogram, type Spectrogram } from './spectrum.ts'

/** A sound that can be looked for. */
export interface Description {
  readonly sound: Spectrogram
  readonly segments: Segments
  /** Of all its rows. */
  readonly energy: number
}

const known = new WeakMap<Int16Array, Description>()

/** Describes PCM16 mono at 8 kHz, once for each array: its samples must not change. */
export function described(pcm: Int16Array): Description {
  const before = known.get(pcm)
  if (before !== undefined) return before
  const sound = spectrogram(pcm)
  const energy = sound.energies.reduce((sum, value) => sum + value, 0)
  const description = { sound, segments: segmentsOf(sound), energy }
  known.set(pcm, description)
  return description
}
