import { expect } from 'chai'
import type { Envelope, SmtpOutcome, SmtpSender } from '../../src/kernel/smtp.ts'
import type { Store } from '../../src/kernel/store.ts'
import { memoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { accepted, answer, mail, SpoolLab } from './spool-lab.ts'

const schedule = [1000]
const ends: Record<string, (store: MemoryStore, mount: { kill(): void }) => void> = {
  'the process is killed': (_store, mount) => mount.kill(),
  'the machine loses power': (store) => store.crash(),
}

/** Ends the process just before its `count`th call that changes the disk, and tells. */
function endingAt(count: number, mount: Store, end: () => void): Store {
  let left = count
  const counted = <R>(call: () => R): R => {
    if (left-- === 0) end()
    return call()
  }
  return {
    ...mount,
    write: (name, bytes) => counted(() => mount.write(name, bytes)),
    rename: (from, to) => counted(() => mount.rename(from, to)),
    remove: (name) => counted(() => mount.remove(name)),
  }
}

for (const [what, end] of Object.entries(ends)) {
  describe(`spool, when ${what}`, () => {
    it('delivers every message it accepted, wherever it was cut off', async () => {
      const seen = new Set<string>()
      for (let turns = 0; turns < 150; turns++) {
        const lab = new SpoolLab()
        const store = memoryStore()
        const mount = store.mount()
        const submitted = { yes: false }
        const process = { over: false }
        const send: SmtpSender = (...given) => (process.over ? new Promise(() => undefined) : lab.send(...given))
        void lab
          .open(mount, { send })
          .then((spool) => spool.submit(mail('one')))
          .then(() => (submitted.yes = true))
        for (let i = 0; i < turns; i++) await Promise.resolve()
        const { yes } = submitted
        end(store, mount)
        process.over = true
        const before = lab.sent.length
        await (await lab.open(store)).idle()
        const texts = new Set(lab.sent.map(({ text }) => text))
        expect([...texts], `after ${turns} turns`).to.deep.equal(
          yes || texts.size > 0 ? ['Subject: one\r\n\r\nbody of one'] : [],
        )
        expect(lab.sent.length).to.be.at.most(before + 1)
        expect([...(await store.list('spool')), ...(await store.list('spool/dead'))]).to.deep.equal([])
        seen.add(`${yes ? 'accepted' : 'not accepted'}, sent ${before}, then ${lab.sent.length - before}`)
      }
      expect([...seen]).to.include.members(['not accepted, sent 0, then 0', 'accepted, sent 1, then 0'])
    })

    it('ends a refused message as one report in the mailbox, wherever it was cut off', async () => {
      const cutOff = new Set<boolean>()
      for (let count = 0; count < 12; count++) {
        const lab = new SpoolLab()
        const store = memoryStore()
        await (await lab.open(store.mount(), { send: () => new Promise(() => undefined) })).submit(mail('one'))
        store.crash()
        const reports = new Map<string, string>()
        const send: SmtpSender = (envelope: Envelope, message: Uint8Array): Promise<SmtpOutcome> => {
          if (envelope.from !== '') return Promise.resolve(answer(550, '5.1.1', 'unknown'))
          const text = Buffer.from(message).toString()
          reports.set(/^Message-ID: (.*)\r$/m.exec(text)?.[1] ?? '', text)
          return Promise.resolve(accepted)
        }
        const mount = store.mount()
        const ended = await new Promise<boolean>((resolve) => {
          const mortal = endingAt(count, mount, () => {
            end(store, mount)
            resolve(true)
          })
          void lab.open(mortal, { send, schedule }).then((spool) => spool.idle().then(() => resolve(false)))
        })
        cutOff.add(ended)
        await (await lab.open(store, { send, schedule })).idle()
        expect(reports.size, `after ${count} calls`).to.equal(1)
        expect([...reports.values()][0]).to.include('body of one')
        expect(await store.list('spool')).to.deep.equal([])
      }
      expect([...cutOff]).to.have.members([true, false])
    })
  })
}
