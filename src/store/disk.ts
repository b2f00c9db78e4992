import { mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Appender, Store } from '../kernel/store.ts'
import { checkedName, folderOf, temporary } from './names.ts'

/** Several stores of one process may share a root; a name left by a dead process is truncated. */
let serial = 0

/**
 * A store on disk under `root`, which is made when missing. Files are 0600, folders 0700.
 * A method that resolved survives loss of power: files and the folders that name them are synced.
 */
export function diskStore(root: string): Store {
  const top = resolve(root)
  const folders = new Folders(top)
  const path = (name: string): string => join(top, checkedName(name))

  return {
    read: (name) =>
      attempt(`read ${name}`, () => absentAs(undefined, async () => new Uint8Array(await readFile(path(name))))),

    list: (folder) =>
      attempt(`list ${folder}`, () =>
        absentAs([], async () => {
          const entries = await readdir(folder === '' ? top : path(folder), { withFileTypes: true })
          const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(temporary))
          return files.map((entry) => entry.name).sort()
        }),
      ),

    write: (name, bytes) =>
      attempt(`write ${name}`, async () => {
        const target = path(name)
        const folder = await folders.ready(folderOf(name))
        const draft = join(folder, `${temporary}${process.pid}-${serial++}`)
        try {
          await writeSynced(draft, bytes)
          await rename(draft, target)
        } catch (failure) {
          folders.forget()
          await rm(draft, { force: true })
          throw failure
        }
        await syncFolder(folder)
      }),

    rename: (from, to) =>
      attempt(`rename ${from} to ${to}`, async () => {
        const source = path(from)
        const target = path(to)
        const folder = await folders.ready(folderOf(to))
        await rename(source, target)
        await syncFolder(folder)
        if (dirname(source) !== folder) await syncFolder(dirname(source))
      }),

    remove: (name) =>
      attempt(`remove ${name}`, () =>
        absentAs(undefined, async () => {
          await unlink(path(name))
          await syncFolder(dirname(path(name)))
        }),
      ),

    append: (name) =>
      attempt(`append to ${name}`, async () => {
        const target = path(name)
        const folder = await folders.ready(folderOf(name))
        return new DiskAppender(name, await open(target, 'w', 0o600), folder)
      }),
  }
}

/** Writes follow one another in the order they were asked for. */
class DiskAppender implements Appender {
  readonly #name: string
  readonly #file: FileHandle
  readonly #folder: string
  #folderSynced = false
  #last: Promise<void> = Promise.resolve()

  constructor(name: string, file: FileHandle, folder: string) {
    this.#name = name
    this.#file = file
    this.#folder = folder
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#next(() => this.#file.writeFile(bytes))
  }

  sync(): Promise<void> {
    return this.#next(async () => {
      await this.#file.sync()
      if (!this.#folderSynced) await syncFolder(this.#folder)
      this.#folderSynced = true
    })
  }

  close(): Promise<void> {
    return this.#next(() => this.#file.close())
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => attempt(`append to ${this.#name}`, work))
    this.#last = done.catch(() => undefined)
    return done
  }
}

/** Makes each folder once, and makes it durable by a sync of its parent. */
class Folders {
  readonly #top: string
  readonly #made = new Map<string, Promise<string>>()

  constructor(top: string) {
    this.#top = top
  }

  /** The absolute path of `folder`, which exists and survives a crash. */
  ready(folder: string): Promise<string> {
    const known = this.#made.get(folder)
    if (known !== undefined) return known
    const made = folder === '' ? this.#makeTop() : this.#make(folder)
    this.#made.set(folder, made)
    made.catch(() => this.#made.delete(folder))
    return made
  }

  /** After a failure: somebody may have removed a folder. */
  forget(): void {
    this.#made.clear()
  }

  async #make(folder: string): Promise<string> {
    const parent = await this.ready(folderOf(folder))
    await mkdir(join(this.#top, folder), { recursive: true, mode: 0o700 })
    await syncFolder(parent)
    return join(this.#top, folder)
  }

  async #makeTop(): Promise<string> {
    const first = await mkdir(this.#top, { recursive: true, mode: 0o700 })
    for (let made = this.#top; first !== undefined; made = dirname(made)) {
      await syncFolder(dirname(made))
      if (made === first || made === dirname(made)) break
    }
    return this.#top
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What is not there is an answer, not a failure. */
async function absentAs<T>(absent: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (failure) {
    if (isAbsent(failure)) return absent
    throw failure
  }
}

function isAbsent(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && (failure.code === 'ENOENT' || failure.code === 'ENOTDIR')
}

async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (failure) {
    if (failure instanceof PosternError) throw failure
    throw new PosternError('store-failed', `cannot ${what}: ${messageOf(failure)}`, { cause: failure })
  }
}
