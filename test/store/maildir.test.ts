import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ManualClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { Mailboxes, Store } from '../../src/kernel/store.ts'
import { diskStore } from '../../src/store/disk.ts'
import { mailboxFolder, maildirs } from '../../src/store/maildir.ts'
import { memoryStore } from '../../src/store/memory.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
let restarts = 0
const open = (store: Store, clock = new ManualClock()): Mailboxes =>
  maildirs(store, { clock, random: seededRandom(restarts++), host: 'mail.contoso.example' })
const texts = async (mailboxes: Mailboxes, mailbox: string): Promise<string[]> =>
  (await mailboxes.list(mailbox)).map(({ message }) => Buffer.from(message).toString())

describe('maildirs', () => {
  let root = ''
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'postern-maildir-'))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const kinds: Record<string, () => Store> = { disk: () => diskStore(root), memory: memoryStore }
  for (const [kind, make] of Object.entries(kinds)) {
    describe(`on ${kind}`, () => {
      it('lists what was delivered, oldest first', async () => {
        const clock = new ManualClock(999_000)
        const mailboxes = open(make(), clock)
        for (const name of ['one', 'two', 'three']) {
          await mailboxes.deliver('ann@contoso.example', name, bytes(name))
          await mailboxes.deliver('ann@contoso.example', `${name}-b`, bytes(`${name}-b`))
          clock.advance(600)
        }
        expect(await texts(mailboxes, 'ann@contoso.example')).to.deep.equal([
          'one',
          'one-b',
          'two',
          'two-b',
          'three',
          'three-b',
        ])
      })

      it('drops a second message of the same id, also at the same time and after a restart', async () => {
        const store = make()
        const mailboxes = open(store)
        const both = await Promise.all([
          mailboxes.deliver('ann', 'id', bytes('x')),
          mailboxes.deliver('ann', 'id', bytes('x')),
        ])
        expect(both).to.deep.equal(['delivered', 'duplicate'])
        expect(await open(store).deliver('ann', 'id', bytes('x'))).to.equal('duplicate')
        expect(await open(store).deliver('bob', 'id', bytes('x'))).to.equal('delivered')
        expect(await texts(mailboxes, 'ann')).to.deep.equal(['x'])
      })

      it('keeps hostile mailbox names inside the root', async () => {
        const store = make()
        for (const name of ['../../etc', '.', '..', 'a/b', '\0', 'naïve', '.hidden', '%2E%2E']) {
          const mailboxes = open(store)
          expect(await mailboxes.deliver(name, 'id', bytes(name))).to.equal('delivered')
          expect(await texts(mailboxes, name)).to.deep.equal([name])
        }
      })
    })
  }

  it('encodes names one to one, and refuses empty and endless ones', () => {
    expect(mailboxFolder('ann.b+c@contoso.example')).to.equal('ann.b+c@contoso.example')
    expect(mailboxFolder('../x')).to.equal('%2E.%2Fx')
    expect(mailboxFolder('%2E')).to.equal('%252E')
    expect(() => mailboxFolder('')).to.throw('1 to 200')
    expect(() => mailboxFolder('a'.repeat(65_536))).to.throw('1 to 200')
  })

  it('writes a Maildir that mail programs read: tmp, new and cur, and read mail still counts', async () => {
    const store = diskStore(root)
    const mailboxes = maildirs(store, { clock: new ManualClock(), random: seededRandom(1), host: 'a/b:c' })
    await mailboxes.deliver('ann', 'id', bytes('x'))
    expect((await readdir(join(root, 'ann'))).sort()).to.deep.equal(['cur', 'ids', 'new', 'tmp'])
    const [name = ''] = await readdir(join(root, 'ann/new'))
    expect(name).to.match(/^1767225600\.M000000R[0-9a-f]{16}Q1\.a_b_c$/)
    await store.rename(`ann/new/${name}`, `ann/cur/${name}:2,S`)
    expect(await texts(mailboxes, 'ann')).to.deep.equal(['x'])
    expect(await mailboxes.deliver('ann', 'id', bytes('x'))).to.equal('duplicate')
  })

  it('neither loses nor doubles a message, whenever the machine crashes while it is delivered', async () => {
    const seen = new Set<string>()
    for (let turns = 0; turns < 80; turns++) {
      const store = memoryStore()
      const seenBy = { sender: '' }
      void open(store.mount())
        .deliver('ann', 'id', bytes('x'))
        .then((answer) => (seenBy.sender = answer))
      for (let i = 0; i < turns; i++) await Promise.resolve()
      store.crash()
      if (seenBy.sender !== '') expect(await texts(open(store), 'ann')).to.deep.equal(['x'])
      seen.add(`${seenBy.sender}, then ${await open(store).deliver('ann', 'id', bytes('x'))}`)
      expect(await texts(open(store), 'ann')).to.deep.equal(['x'])
    }
    expect([...seen].sort()).to.deep.equal([', then delivered', ', then duplicate', 'delivered, then duplicate'])
  })
})
