import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { readSound } from '../lab/audio.ts'
import { readChecked } from '../lab/document.ts'
import { scenarioSchema, type ScenarioFile, type Step } from './schema.ts'

/** A scenario that was read and checked, its sounds with it. */
export interface Scenario {
  readonly path: string
  readonly file: ScenarioFile
  /** 1-based line of each step. */
  readonly lines: readonly number[]
  /** What callers say, by name as the file has it: PCM16 mono at 8 kHz. */
  readonly sounds: ReadonlyMap<string, Int16Array>
}

/** Every scenario file in files and folders, sorted by path. @throws PosternError file-unreadable when there is none */
export async function findScenarios(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of paths) {
    try {
      if (!(await stat(path)).isDirectory()) found.push(path)
      else found.push(...(await readdir(path)).filter((f) => /\.ya?ml$/.test(f)).map((f) => join(path, f)))
    } catch (thrown) {
      throw new PosternError('file-unreadable', `${path} cannot be read: ${messageOf(thrown)}`, {
        next: 'Name a scenario file, or a folder that holds some.',
        cause: thrown,
      })
    }
  }
  if (found.length > 0) return [...new Set(found)].sort()
  throw new PosternError('file-unreadable', `No scenario stands in ${paths.join(', ')}`, {
    next: 'Scenario files end in .yaml; scenarios/ holds some to begin with.',
  })
}

/** Reads one scenario and the sounds it names: `audio/NAME.wav` beside it, or a path to a WAV. @throws PosternError file-invalid, file-unreadable */
export async function loadScenario(path: string): Promise<Scenario> {
  const checked = await readChecked(path, scenarioSchema)
  const { value } = checked
  const sounds = new Map<string, Int16Array>()
  for (const name of value.steps.flatMap(saidIn)) {
    const file = /\.wav$/i.test(name) ? name : `audio/${name}.wav`
    sounds.set(name, await readSound(resolve(dirname(path), file)))
  }
  return { path, file: value, lines: value.steps.map((_, i) => checked.lineOf(['steps', i])), sounds }
}

function saidIn(step: Step): readonly string[] {
  if (step.verb === 'say') return [typeof step.value === 'string' ? step.value : step.value.sound]
  return step.verb === 'mail' ? [step.value.says, step.value.begins].filter((name) => name !== undefined) : []
}
