import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

/** One line of a Dockerfile: the word it begins with, and the rest. */
export interface Instruction {
  readonly word: string
  readonly rest: string
}

export interface Stage {
  readonly name: string
  readonly instructions: readonly Instruction[]
}

/** Reads a Dockerfile: comments away, continued lines joined, one stage a FROM. */
export function readDockerfile(text: string): readonly Stage[] {
  const lines = text.replace(/^\s*#.*$/gm, '').replace(/\\\r?\n/g, ' ')
  const stages: { name: string; instructions: Instruction[] }[] = []
  for (const line of lines.split('\n').filter((l) => l.trim() !== '')) {
    const [, word = '', rest = ''] = /^\s*(\S+)\s+(.*)$/.exec(line) ?? []
    if (word === 'FROM') stages.push({ name: / AS (\S+)/i.exec(rest)?.[1] ?? '', instructions: [] })
    else stages.at(-1)?.instructions.push({ word, rest: rest.trim() })
  }
  return stages
}

/** What stands behind a word in a stage, each time it stands there. */
export const all = (stage: Stage, word: string): readonly string[] =>
  stage.instructions.filter((i) => i.word === word).map((i) => i.rest)

/** The arguments of an instruction in its JSON form, options before it left out. */
export const argv = (rest: string): readonly string[] => JSON.parse(rest.slice(rest.indexOf('['))) as string[]

/** Carries out one COPY below `root`, a stage's file system. `sources` holds the context, or the file system of the stage named. */
export function copy(
  rest: string,
  sources: (stage: string | undefined) => string,
  root: string,
  workdir: string,
): void {
  const words = rest.split(/\s+/)
  const from = words.find((w) => w.startsWith('--from='))?.slice('--from='.length)
  const paths = words.filter((w) => !w.startsWith('--'))
  const target = join(root, workdir, paths.at(-1) ?? '')
  const intoFolder = /\/$/.test(paths.at(-1) ?? '')
  for (const path of paths.slice(0, -1)) {
    const source = join(sources(from), path)
    const goal = intoFolder && !statSync(source).isDirectory() ? join(target, basename(path)) : target
    cpSync(source, goal, { recursive: true, verbatimSymlinks: true })
  }
}

/** Copies what the build context holds: all but what .dockerignore names. It may name files and folders at the top, and no patterns. */
export function copyContext(from: string, to: string): void {
  const ignored = readFileSync(join(from, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((l) => l !== '')
  const pattern = ignored.find((name) => /[*?!/]/.test(name))
  if (pattern !== undefined) throw new Error(`.dockerignore: "${pattern}" is a pattern, which this test does not know`)
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (!ignored.includes(name)) cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true })
  }
}

export function giveTo(id: number, folder: string): void {
  chownSync(folder, id, id)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) giveTo(id, path)
    else if (entry.isFile()) chownSync(path, id, id)
  }
}
