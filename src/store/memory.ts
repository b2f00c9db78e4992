import { PosternError } from '../kernel/errors.ts'
import type { Appender, Store } from '../kernel/store.ts'
import { baseOf, checkedName, folderOf } from './names.ts'

/** A file: what was written to it, and how much of that a sync has put out of danger. */
interface Inode {
  /** In the order they were written. */
  readonly pieces: Uint8Array[]
  /** How many of them. */
  synced: number
}

/** One process's hold on the disk. */
export interface Mount extends Store {
  /** The process ends: no call of this mount has any effect from now on, nor settles. What it wrote stays with the operating system. */
  kill(): void
}

export interface MemoryStore extends Store {
  mount(): Mount
  /** The machine loses power: every mount ends, and what was not synced is gone (appended bytes, names in unsynced folders). */
  crash(): void
}

interface Disk {
  /** The files as the operating system shows them, and as they would be found after a crash. */
  seen: Map<string, Inode>
  durable: Map<string, Inode>
}

/**
 * The virtual disk. Each step of a call takes `latency`, a turn of microtasks when left out, so that an end can fall in between.
 */
export function memoryStore(latency: () => Promise<void> = () => Promise.resolve()): MemoryStore {
  const disk: Disk = { seen: new Map(), durable: new Map() }
  const mounts = new Set<Mount>()
  const mount = (): Mount => {
    const made = mounted(disk, latency)
    mounts.add(made)
    return made
  }
  const crash = (): void => {
    for (const ended of mounts) ended.kill()
    mounts.clear()
    disk.durable = new Map(
      [...disk.durable].map(([name, { pieces, synced }]) => [name, { pieces: pieces.slice(0, synced), synced }]),
    )
    disk.seen = new Map(disk.durable)
  }
  return { ...mounted(disk, latency), mount, crash }
}

function mounted(disk: Disk, latency: () => Promise<void>): Mount {
  let alive = true
  /** What follows happens a moment later, and not at all if the process has ended by then. */
  const later = (): Promise<void> => latency().then(() => (alive ? undefined : new Promise<void>(() => undefined)))

  return {
    kill() {
      alive = false
    },
    async read(name) {
      checkedName(name)
      await later()
      const inode = disk.seen.get(name)
      return inode && new Uint8Array(Buffer.concat(inode.pieces))
    },
    async list(folder) {
      if (folder !== '') checkedName(folder)
      await later()
      const names = [...disk.seen.keys()].filter((name) => folderOf(name) === folder)
      return names.map(baseOf).sort()
    },
    async write(name, bytes) {
      checkedName(name)
      const copy = Uint8Array.from(bytes)
      const inode: Inode = { pieces: [copy], synced: 1 }
      await later()
      disk.seen.set(name, inode)
      await later()
      disk.durable.set(name, inode)
    },
    async rename(from, to) {
      checkedName(from)
      checkedName(to)
      await later()
      const inode = disk.seen.get(from)
      if (inode === undefined) throw new PosternError('store-failed', `cannot rename ${from} to ${to}: no such file`)
      move(disk.seen, from, to, inode)
      await later()
      move(disk.durable, from, to, inode)
    },
    async remove(name) {
      checkedName(name)
      await later()
      disk.seen.delete(name)
      await later()
      disk.durable.delete(name)
    },
    async append(name) {
      checkedName(name)
      await later()
      const inode: Inode = { pieces: [], synced: 0 }
      disk.seen.set(name, inode)
      return appender(disk, name, inode, later)
    },
  }
}

function appender(disk: Disk, name: string, inode: Inode, later: () => Promise<void>): Appender {
  let open = true
  const step = async (): Promise<void> => {
    await later()
    if (!open) throw new PosternError('store-failed', `cannot append to ${name}: the file is closed`)
  }
  return {
    async write(bytes) {
      const copy = Uint8Array.from(bytes)
      await step()
      inode.pieces.push(copy)
    },
    async sync() {
      await step()
      inode.synced = inode.pieces.length
      await step()
      if (disk.seen.get(name) === inode) disk.durable.set(name, inode)
    },
    async close() {
      await step()
      open = false
    },
  }
}

function move(names: Map<string, Inode>, from: string, to: string, inode: Inode): void {
  names.delete(from)
  names.set(to, inode)
}
