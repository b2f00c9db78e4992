import type { Store } from '../kernel/store.ts'
import { decodeEntry, encodeEntry, type SpoolEntry } from './entry.ts'

/** The spool on disk: `spool/<key>.eml` the message, `spool/<key>.json` the entry that makes it count, `spool/dead` what needs a person. */
export interface SpoolFiles {
  /** Keys of the entries, messages without an entry, and names that are neither. */
  found(): Promise<{
    readonly entries: readonly string[]
    readonly orphans: readonly string[]
    readonly strays: readonly string[]
  }>
  /** `undefined` when it cannot be understood. */
  entry(key: string): Promise<SpoolEntry | undefined>
  message(key: string): Promise<Uint8Array | undefined>
  write(key: string, entry: SpoolEntry, message: Uint8Array): Promise<void>
  save(key: string, entry: SpoolEntry): Promise<void>
  remove(key: string): Promise<void>
  /** Answers the new name of the entry. */
  setAside(key: string): Promise<string>
  setAsideStray(name: string): Promise<string>
}

const entryName = (key: string): string => `spool/${key}.json`
const messageName = (key: string): string => `spool/${key}.eml`
const aside = (name: string): string => name.replace(/^spool\//, 'spool/dead/')

export function spoolFiles(store: Store): SpoolFiles {
  const move = async (name: string): Promise<string> => {
    if ((await store.read(name)) !== undefined) await store.rename(name, aside(name))
    return aside(name)
  }
  return {
    async found() {
      const names = await store.list('spool')
      const keys = (ending: string): string[] => {
        const matches = names.map((name) => /^([0-9a-f]{1,64})(\.\w+)$/.exec(name))
        return matches.flatMap((match) => (match?.[2] === ending && match[1] !== undefined ? [match[1]] : []))
      }
      const entries = keys('.json')
      const messages = keys('.eml')
      const ours = new Set([...entries.map((key) => `${key}.json`), ...messages.map((key) => `${key}.eml`)])
      return {
        entries,
        orphans: messages.filter((key) => !entries.includes(key)),
        strays: names.filter((name) => !ours.has(name)),
      }
    },
    async entry(key) {
      const bytes = await store.read(entryName(key))
      return bytes && decodeEntry(bytes)
    },
    message: (key) => store.read(messageName(key)),
    async write(key, entry, message) {
      await store.write(messageName(key), message)
      await store.write(entryName(key), encodeEntry(entry))
    },
    save: (key, entry) => store.write(entryName(key), encodeEntry(entry)),
    async remove(key) {
      await store.remove(entryName(key))
      await store.remove(messageName(key))
    },
    /** The entry last: should the machine stop in between, the next start finds it and sets it aside again. */
    async setAside(key) {
      await move(messageName(key))
      return move(entryName(key))
    },
    setAsideStray: (name) => move(`spool/${name}`),
  }
}
