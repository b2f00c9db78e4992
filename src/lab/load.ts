import { dirname } from 'node:path'
import { readSounds, type Sounds } from './audio.ts'
import { readChecked } from './document.ts'
import { labSchema, type LabFile } from './schema.ts'

/** A lab file that was read and checked, with its sounds. */
export interface LoadedLab {
  readonly path: string
  readonly file: LabFile
  readonly sounds: Sounds
}

/** Reads a lab file; `${NAME:-default}` in it is taken from `environment`. @throws PosternError file-unreadable, file-invalid, wav-invalid */
export async function loadLab(
  path: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<LoadedLab> {
  const { value: file } = await readChecked(path, labSchema, environment)
  return { path, file, sounds: await readSounds(file, dirname(path)) }
}
