import { readdirSync, readFileSync } from 'node:fs'
import type { Reference } from '../../../src/media/ears/recognise.ts'
import { readWav } from '../../../src/media/wav.ts'

const folder = 'scenarios/audio'

/** The speech that scenarios use, by name. */
export const recordings: readonly Reference[] = readdirSync(folder)
  .filter((file) => file.endsWith('.wav'))
  .map((file) => ({ name: file.slice(0, -4), pcm: readWav(readFileSync(`${folder}/${file}`)).samples }))

export function recording(name: string): Int16Array {
  const found = recordings.find((reference) => reference.name === name)
  if (found === undefined) throw new Error(`no recording ${name}`)
  return found.pcm
}
