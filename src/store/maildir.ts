import { createHash } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import { PosternError } from '../kernel/errors.ts'
import { token, type Random } from '../kernel/random.ts'
import type { Mailboxes, Store, StoredMail } from '../kernel/store.ts'

export interface MaildirOrder {
  readonly clock: Clock
  readonly random: Random
  /** Our host name, the last part of every file name. */
  readonly host: string
}

/** Mailboxes as Maildirs `<mailbox>/{tmp,new,cur}`, readable by any mail program, and `<mailbox>/ids` for what was delivered. */
export function maildirs(store: Store, { clock, random, host }: MaildirOrder): Mailboxes {
  const made = new Set<string>()
  const turns = new Map<string, Promise<unknown>>()
  let deliveries = 0

  /** Unique per the Maildir rules: seconds, then microseconds, randomness and a counter of this process, then the host. */
  const uniqueName = (): string => {
    const wall = clock.wall()
    const micros = String(Math.floor(wall % 1000) * 1000).padStart(6, '0')
    return `${Math.floor(wall / 1000)}.M${micros}R${token(random)}Q${++deliveries}.${hostPart(host)}`
  }

  /** Mail programs want all three folders; a store makes a folder with its first file. */
  const make = async (folder: string): Promise<void> => {
    if (made.has(folder)) return
    await store.write(`${folder}/cur/.made`, new Uint8Array())
    await store.remove(`${folder}/cur/.made`)
    made.add(folder)
  }

  /**
   * The name in `ids` is durable before the mail shows in `new`, and names the draft in `tmp`: after a crash in between, the next delivery of this id finds the draft and only moves it.
   */
  const deliver = async (folder: string, id: string, message: Uint8Array): Promise<'delivered' | 'duplicate'> => {
    await make(folder)
    const record = `${folder}/ids/${createHash('sha256').update(id).digest('hex')}`
    const known = await store.read(record)
    const name = known === undefined ? uniqueName() : Buffer.from(known).toString()
    const draft = `${folder}/tmp/${name}`
    if (known === undefined) {
      await store.write(draft, message)
      await store.write(record, Buffer.from(name))
    } else if ((await store.read(draft)) === undefined) return 'duplicate'
    await store.rename(draft, `${folder}/new/${name}`)
    return 'delivered'
  }

  const read = async (folder: string): Promise<StoredMail[]> => {
    const found: StoredMail[] = []
    for (const part of ['new', 'cur']) {
      for (const name of await store.list(`${folder}/${part}`)) {
        const message = name.startsWith('.') ? undefined : await store.read(`${folder}/${part}/${name}`)
        if (message !== undefined) found.push({ name, message })
      }
    }
    return found.sort((a, b) => byAge(a.name, b.name))
  }

  /** Deliveries to one mailbox follow one another: two of the same id must not meet. */
  const inTurn = <T>(folder: string, work: () => Promise<T>): Promise<T> => {
    const done = (turns.get(folder) ?? Promise.resolve()).then(work)
    turns.set(
      folder,
      done.catch(() => undefined),
    )
    return done
  }

  return {
    async deliver(mailbox, id, message) {
      const folder = mailboxFolder(mailbox)
      return inTurn(folder, () => deliver(folder, id, message))
    },
    async list(mailbox) {
      return read(mailboxFolder(mailbox))
    },
  }
}

/**
 * The folder of a mailbox: every byte but letters, digits and `@ + - _ .` (not first) percent-encoded.
 * @throws PosternError store-failed when the name is empty or too long for a file system
 */
export function mailboxFolder(mailbox: string): string {
  const folder = [...Buffer.from(mailbox)].map(encodedByte).join('')
  if (folder === '' || folder.length > 200) {
    throw new PosternError(
      'store-failed',
      `a mailbox name has 1 to 200 characters once encoded; this one has ${folder.length}`,
    )
  }
  return folder
}

function encodedByte(byte: number, index: number): string {
  const char = String.fromCharCode(byte)
  const plain = /[A-Za-z0-9@+_-]/.test(char) || (char === '.' && index > 0)
  return plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** `/` and `:` have a meaning in Maildir names. */
function hostPart(host: string): string {
  return host.replace(/[^A-Za-z0-9.-]/g, '_')
}

function byAge(a: string, b: string): number {
  const [x, y] = [age(a), age(b)]
  return x.seconds - y.seconds || x.micros - y.micros || x.serial - y.serial || (a < b ? -1 : 1)
}

function age(name: string): { seconds: number; micros: number; serial: number } {
  const [, seconds = '0', micros = '0', serial = '0'] = /^(\d+)\.(?:M(\d+))?(?:R[0-9a-f]+)?(?:Q(\d+))?/.exec(name) ?? []
  return { seconds: Number(seconds), micros: Number(micros), serial: Number(serial) }
}
