import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readSound } from '../../src/lab/audio.ts'
import { writeWav } from '../../src/media/wav.ts'

/** The end of a shipped sound, PCM16 mono at 8 kHz: greetings begin alike. */
export const quickSound = async (name: string, ms = 1500): Promise<Int16Array> =>
  (await readSound(join('scenarios/audio', `${name}.wav`))).slice(-8 * ms)

/** The end of each shipped sound, as files in `folder`. */
export async function writeQuickSounds(folder: string, ms: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const wav of (await readdir('scenarios/audio')).filter((name) => name.endsWith('.wav'))) {
    await writeFile(join(folder, wav), writeWav(await quickSound(basename(wav, '.wav'), ms), 'PCMU'))
  }
}

/**
 * The embedded lab with little ringing, little silence and sounds of `ms`, as a file in `folder`; `change` is done to its text first.
 */
export async function quickLab(
  folder: string,
  change: (text: string) => string = (text) => text,
  ms = 1500,
): Promise<string> {
  const text = await readFile('labs/embedded.yaml', 'utf8')
  await writeQuickSounds(join(folder, 'audio'), ms)
  const quick = text
    .replace('ring: 1s', 'ring: 200ms')
    .replace('silence: 3s', 'silence: 600ms\n  too-short: 500ms')
    .replaceAll('../scenarios/', '')
  const file = join(folder, 'lab.yaml')
  await writeFile(file, change(quick))
  return file
}
