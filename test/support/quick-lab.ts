import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readSound } from '../../src/lab/audio.ts'
import { writeWav } from '../../src/media/wav.ts'

/** The end of a shipped sound, PCM16 mono at 8 kHz: greetings begin alike. */
export const quickSound = async (name: string, ms = 1500): Promise<Int16Array> =>
  (await readSound(join('scenarios/audio', `${name}.wav`))).slice(-8 * ms)

/**
 * The embedded lab with little ringing, little silence and sounds of `ms`, as a file in `folder`; `change` is done to its text first.
 */
export async function quickLab(
  folder: string,
  change: (text: string) => string = (text) => text,
  ms = 1500,
): Promise<string> {
  const text = await readFile('labs/embedded.yaml', 'utf8')
  await mkdir(join(folder, 'audio'), { recursive: true })
  for (const wav of (await readdir('scenarios/audio')).filter((name) => name.endsWith('.wav'))) {
    await writeFile(join(folder, 'audio', wav), writeWav(await quickSound(basename(wav, '.wav'), ms), 'PCMU'))
  }
  const quick = text
    .replace('ring: 1s', 'ring: 200ms')
    .replace('silence: 3s', 'silence: 600ms\n  too-short: 500ms')
    .replaceAll('../scenarios/', '')
  const file = join(folder, 'lab.yaml')
  await writeFile(file, change(quick))
  return file
}
