import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf, PosternError } from '../kernel/errors.ts'

export interface TemporaryFolder {
  readonly path: string
  remove(): Promise<void>
}

/** A new folder for one lab or call. @throws PosternError store-failed */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await made(() => mkdtemp(join(tmpdir(), 'postern-')), tmpdir(), 'Make room there, or set TMPDIR.')
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Makes a folder, and those above it, when it is not there. @throws PosternError store-failed */
export async function ensureFolder(path: string, option: string): Promise<void> {
  await made(() => mkdir(path, { recursive: true }), path, `Name another folder with --${option}.`)
}

/** Makes `path`, or `path-2` and so on where another stands: two runs never share a folder. @throws PosternError store-failed */
export async function newFolder(path: string, option: string): Promise<string> {
  for (let serial = 1; ; serial++) {
    const name = serial === 1 ? path : `${path}-${serial}`
    await ensureFolder(join(name, '..'), option)
    const free = await made(
      () => mkdir(name).then(() => true, elsewhere),
      name,
      `Name another folder with --${option}.`,
    )
    if (free) return name
  }
}

function elsewhere(thrown: unknown): false {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false
  throw thrown
}

async function made<T>(make: () => Promise<T>, where: string, next: string): Promise<T> {
  try {
    return await make()
  } catch (thrown) {
    const text = `No folder can be made at ${where}: ${messageOf(thrown)}`
    throw new PosternError('store-failed', text, { next, cause: thrown })
  }
}
