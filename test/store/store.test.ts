import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ManualClock } from '../../src/kernel/clock.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { Store } from '../../src/kernel/store.ts'
import { diskStore } from '../../src/store/disk.ts'
import { memoryStore } from '../../src/store/memory.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (found: Uint8Array | undefined): string | undefined => found && Buffer.from(found).toString()

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (thrown: unknown) => (thrown instanceof PosternError ? thrown.code : String(thrown)),
  )
}

describe('store', () => {
  let root = ''
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'postern-store-'))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const kinds: Record<string, () => Store> = { disk: () => diskStore(join(root, 'new')), memory: memoryStore }
  for (const [kind, open] of Object.entries(kinds)) {
    describe(kind, () => {
      it('reads back what was written, and the last of two writes', async () => {
        const store = open()
        await store.write('a/b/c', bytes('one'))
        await store.write('a/b/c', bytes('two'))
        expect(text(await store.read('a/b/c'))).to.equal('two')
      })

      it('has no answer for a missing file, and an empty list for a missing folder', async () => {
        const store = open()
        expect(await store.read('a/b')).to.equal(undefined)
        expect(await store.list('a')).to.deep.equal([])
        await store.remove('a/b')
      })

      it('lists the files of one folder in order, without its folders', async () => {
        const store = open()
        for (const name of ['m/b', 'm/a', 'm/deeper/c', 'top']) await store.write(name, bytes('x'))
        expect(await store.list('m')).to.deep.equal(['a', 'b'])
        expect(await store.list('')).to.deep.equal(['top'])
      })

      it('renames into a new folder and over what stands there', async () => {
        const store = open()
        await store.write('tmp/a', bytes('new'))
        await store.write('new/a', bytes('old'))
        await store.rename('tmp/a', 'new/a')
        expect(text(await store.read('new/a'))).to.equal('new')
        expect(await store.list('tmp')).to.deep.equal([])
        expect(await failure(store.rename('tmp/a', 'new/a'))).to.equal('store-failed')
      })

      it('removes a file', async () => {
        const store = open()
        await store.write('a', bytes('x'))
        await store.remove('a')
        expect(await store.read('a')).to.equal(undefined)
      })

      it('keeps its own copy of what it was given', async () => {
        const store = open()
        const given = bytes('mine')
        await store.write('a', given)
        given.fill(0)
        expect(text(await store.read('a'))).to.equal('mine')
      })

      it('appends in the order of the calls, and starts empty', async () => {
        const store = open()
        await store.write('log', bytes('old'))
        const file = await store.append('log')
        await Promise.all([file.write(bytes('a')), file.write(bytes('b')), file.sync(), file.write(bytes('c'))])
        expect(text(await store.read('log'))).to.equal('abc')
        await file.close()
        expect(await failure(file.write(bytes('d')))).to.equal('store-failed')
      })

      const refused = [
        '',
        '/etc/x',
        '../x',
        'a/../../x',
        'a//b',
        'a/',
        '.',
        'a/./b',
        'a\0b',
        'a\\b',
        '.tmp-1',
        'a/.tmp-1',
      ]
      for (const name of refused) {
        it(`refuses the name ${JSON.stringify(name)}`, async () => {
          const store = open()
          await store.write('fine', bytes('x'))
          const codes = [
            await failure(store.read(name)),
            await failure(store.write(name, bytes('x'))),
            await failure(store.rename('fine', name)),
            await failure(store.rename(name, 'fine')),
            await failure(store.remove(name)),
            await failure(store.append(name)),
            name === '' ? 'store-failed' : await failure(store.list(name)),
          ]
          expect(new Set(codes)).to.deep.equal(new Set(['store-failed']))
        })
      }
    })
  }

  describe('disk', () => {
    it('leaves no temporary file behind, and lists none that a dead process left', async () => {
      const store = diskStore(root)
      await store.write('box/a', bytes('x'))
      expect(await readdir(join(root, 'box'))).to.deep.equal(['a'])
      await diskStore(join(root, 'box')).write('b', bytes('y'))
      expect(await store.list('box')).to.deep.equal(['a', 'b'])
    })

    it('makes files 0600 and folders 0700', async () => {
      const store = diskStore(join(root, 'deep/er'))
      await store.write('box/a', bytes('x'))
      await (await store.append('box/b')).close()
      const modes = await Promise.all(
        ['deep', 'deep/er', 'deep/er/box', 'deep/er/box/a', 'deep/er/box/b'].map((p) => stat(join(root, p))),
      )
      expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).to.deep.equal(['700', '700', '700', '600', '600'])
    })

    it('writes again after somebody removed the folder', async () => {
      const store = diskStore(root)
      await store.write('box/a', bytes('x'))
      await rm(join(root, 'box'), { recursive: true })
      expect(await failure(store.write('box/a', bytes('x')))).to.equal('store-failed')
      await store.write('box/a', bytes('y'))
      expect(text(await store.read('box/a'))).to.equal('y')
    })

    it('says store-failed when a file stands where a folder should', async () => {
      const store = diskStore(root)
      await store.write('a', bytes('x'))
      expect(await failure(store.write('a/b', bytes('x')))).to.equal('store-failed')
      expect(await store.read('a/b')).to.equal(undefined)
    })
  })

  describe('memory', () => {
    it('keeps, over a crash, every write, rename and remove that resolved', async () => {
      const store = memoryStore()
      await store.write('kept', bytes('x'))
      await store.write('tmp/a', bytes('y'))
      await store.rename('tmp/a', 'new/a')
      await store.write('gone', bytes('z'))
      await store.remove('gone')
      store.crash()
      expect(await store.list('')).to.deep.equal(['kept'])
      expect(await store.list('tmp')).to.deep.equal([])
      expect(text(await store.read('new/a'))).to.equal('y')
    })

    it('forgets appended bytes since the last sync, and a file never synced', async () => {
      const store = memoryStore()
      const file = await store.append('rec')
      await file.write(bytes('synced'))
      await file.sync()
      await file.write(bytes(' lost'))
      await (await store.append('unsynced')).write(bytes('lost'))
      store.crash()
      expect(text(await store.read('rec'))).to.equal('synced')
      expect(await store.read('unsynced')).to.equal(undefined)
    })

    it('shows the old file or the new one, whole, whenever the machine crashes during a write', async () => {
      const seen = new Set<string>()
      for (let turns = 0; turns < 8; turns++) {
        const store = memoryStore()
        await store.write('a', bytes('old'))
        let resolved = false
        void store
          .mount()
          .write('a', bytes('new'))
          .then(() => (resolved = true))
        for (let i = 0; i < turns; i++) await Promise.resolve()
        const acknowledged = resolved
        store.crash()
        seen.add(`${acknowledged}: ${text(await store.read('a')) ?? ''}`)
      }
      expect([...seen].sort().filter((line) => line !== 'false: new')).to.deep.equal(['false: old', 'true: new'])
    })

    it('takes its latency for each step, and does the step then', async () => {
      const clock = new ManualClock()
      const store = memoryStore(() => new Promise((resolve) => void clock.after(10, resolve)))
      const [written, seen]: [number[], string[]] = [[], []]
      void store.write('a', bytes('x')).then(() => written.push(clock.now()))
      for (let turn = 0; turn < 3; turn++) {
        void store.list('').then((names) => seen.push(`${clock.now()}: ${names.join(' ')}`))
        for (let i = 0; i < 10; i++) await Promise.resolve()
        clock.advance(10)
      }
      for (let i = 0; i < 10; i++) await Promise.resolve()
      expect([written, seen]).to.deep.equal([[20], ['10: a', '20: a', '30: a']])
    })

    it('does not do the step of a process that is killed during its latency, and never settles', async () => {
      const clock = new ManualClock()
      const store = memoryStore(() => new Promise((resolve) => void clock.after(10, resolve)))
      const process = store.mount()
      const settled: string[] = []
      void process.write('a', bytes('x')).finally(() => settled.push('write'))
      clock.advance(5)
      process.kill()
      clock.advance(100)
      for (let i = 0; i < 10; i++) await Promise.resolve()
      const names = store.list('')
      clock.advance(10)
      expect([settled, await names]).to.deep.equal([[], []])
    })

    it('keeps what a killed process wrote, synced or not, and lets it write no more', async () => {
      const store = memoryStore()
      const process = store.mount()
      const file = await process.append('rec')
      await file.write(bytes('unsynced'))
      process.kill()
      void file.write(bytes(' late'))
      void process.write('other', bytes('late'))
      for (let i = 0; i < 10; i++) await Promise.resolve()
      expect(text(await store.read('rec'))).to.equal('unsynced')
      expect(await store.list('')).to.deep.equal(['rec'])
    })
  })
})
