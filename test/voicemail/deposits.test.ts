import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { readMail, type ReadMail } from '../../src/mail/read.ts'
import { readWav } from '../../src/media/wav.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { deposit, desk, type Desk } from '../support/fake-deposits.ts'

const mailOf = ({ spool }: Desk): Promise<ReadMail> => readMail(spool.submitted[0]!.message)

describe('a deposit that is finished', () => {
  it('becomes a voice mail with all that was said, from the caller, for the mailbox', async () => {
    const at = desk()
    await at.deposits.begin(deposit)
    await at.record('d1', 4400)
    await at.deposits.finish(deposit)
    const mail = await mailOf(at)
    expect(at.spool.submitted[0]!.envelope).to.deep.equal({
      from: 'voicemail@postern.test',
      to: ['anna.berg@postern.test'],
    })
    expect(mail).to.deep.include({
      kind: 'voice',
      caller: '+4533120100',
      callerName: 'Carl Jensen',
      callId: 'call@pbx',
    })
    expect(mail).to.include({ durationSeconds: 4, date: deposit.at, messageId: '<d1@voicemail.edge.test>' })
    expect(readWav(mail.wav!).samples).to.have.length(4400 * 8)
    expect(at.events).to.deep.equal([
      {
        type: 'voicemail.spooled',
        deposit: 'd1',
        kind: 'voice',
        messageId: 'd1@voicemail.edge.test',
        recovered: false,
      },
    ])
  })

  for (const [ms, kind] of [
    [0, 'missed-call'],
    [1999, 'missed-call'],
    [2000, 'voice'],
  ] as const) {
    it(`of ${ms} ms becomes a ${kind} where less than 2 s is too short`, async () => {
      const at = desk()
      await at.record('d1', ms)
      await at.deposits.finish(deposit)
      expect((await mailOf(at)).kind).to.equal(kind)
      expect(at.events[0]).to.deep.include({ type: 'voicemail.spooled', kind })
    })
  }

  it('becomes a missed call when nothing was recorded at all', async () => {
    const at = desk()
    await at.deposits.begin(deposit)
    await at.deposits.finish(deposit)
    expect((await mailOf(at)).kind).to.equal('missed-call')
    expect(await at.store.list('')).to.deep.equal([])
  })

  it('names no number for an anonymous caller', async () => {
    const at = desk()
    await at.deposits.finish({ ...deposit, caller: { number: '' } })
    const mail = await mailOf(at)
    expect([mail.caller, mail.subject]).to.deep.equal([undefined, 'Missed call from an unknown caller'])
  })

  it('leaves the disk only after the spool has it', async () => {
    const at = desk()
    await at.deposits.begin(deposit)
    await at.record('d1', 3000)
    await at.deposits.finish(deposit)
    expect(at.spool.stood).to.deep.equal([['d1.json', 'd1.pcm']])
    expect(await at.store.list('')).to.deep.equal([])
  })

  it('takes its note away before its recording, so that a crash between makes no missed call of it', async () => {
    const disk = memoryStore()
    const removed: string[] = []
    const store = { ...disk, remove: (name: string) => (removed.push(name), disk.remove(name)) }
    const at = desk(store)
    await at.deposits.begin(deposit)
    await at.record('d1', 3000)
    await at.deposits.finish(deposit)
    expect(removed).to.deep.equal(['d1.json', 'd1.pcm'])
  })
})

describe('a deposit that the spool refuses', () => {
  it('is kept on disk and reported, and nothing is thrown', async () => {
    const at = desk()
    at.spool.refusing = true
    await at.deposits.begin(deposit)
    await at.record('d1', 3000)
    await at.deposits.finish(deposit)
    expect(at.events).to.deep.equal([{ type: 'voicemail.kept', deposit: 'd1', text: 'no space left' }])
    expect(await at.store.list('')).to.deep.equal(['d1.json', 'd1.pcm'])
  })

  it('is kept when its recording cannot be read', async () => {
    const disk = memoryStore()
    const broken = { ...disk, read: () => Promise.reject(new PosternError('store-failed', 'I/O error')) }
    const at = desk(broken)
    await at.deposits.begin(deposit)
    await at.deposits.finish(deposit)
    expect(at.events).to.deep.equal([{ type: 'voicemail.kept', deposit: 'd1', text: 'I/O error' }])
    expect(at.spool.submitted).to.deep.equal([])
  })
})

describe('the start after a crash', () => {
  it('finishes what is found, and says that it was recovered', async () => {
    const before = desk()
    await before.deposits.begin(deposit)
    await before.record('d1', 3000)
    const at = desk(before.store)
    expect(await at.deposits.recover()).to.equal(1)
    expect(at.events[0]).to.deep.include({ type: 'voicemail.spooled', kind: 'voice', recovered: true })
    expect((await mailOf(at)).caller).to.equal('+4533120100')
    expect(await at.store.list('')).to.deep.equal([])
  })

  it('keeps what the spool refuses for the start after that', async () => {
    const first = desk()
    first.spool.refusing = true
    await first.deposits.begin(deposit)
    await first.record('d1', 3000)
    await first.deposits.recover()
    const second = desk(first.store)
    expect([await second.deposits.recover(), second.spool.submitted.length]).to.deep.equal([1, 1])
  })

  it('finds a note written through a power failure', async () => {
    const disk = memoryStore()
    await desk(disk.mount()).deposits.begin(deposit)
    disk.crash()
    const at = desk(disk.mount())
    expect(await at.deposits.recover()).to.equal(1)
  })

  const whole = JSON.stringify(deposit)
  for (const [what, note] of [
    ['not JSON', whole.slice(0, 40)],
    ['empty', ''],
    ['null', 'null'],
    ['without a mailbox', whole.replace('"mailbox"', '"box"')],
    ['without a date', whole.replace('"at"', '"on"')],
    ['with a number in place of an address', whole.replace('"anna.berg@postern.test"', '5')],
    ['another deposit’s', whole.replace('"d1"', '"d2"')],
    ['one that leads out of the folder', whole.replace('"d1"', '"../d1"')],
  ] as const) {
    it(`reports a note that is ${what}, leaves it where it is, and goes on with the others`, async () => {
      const at = desk()
      await at.store.write('d1.json', Buffer.from(note))
      await at.record('d1', 3000)
      await at.deposits.begin({ ...deposit, id: 'd9' })
      expect(await at.deposits.recover()).to.equal(1)
      expect(at.events[0]).to.deep.equal({
        type: 'voicemail.kept',
        deposit: 'd1.json',
        text: 'its note cannot be read',
      })
      expect(at.spool.submitted.map((s) => s.id)).to.deep.equal(['d9'])
      expect(await at.store.list('')).to.deep.equal(['d1.json', 'd1.pcm'])
    })
  }

  it('goes on when the disk will not read one note', async () => {
    const disk = memoryStore()
    const read = (name: string) => (name === 'd1.json' ? Promise.reject(new Error('bad sector')) : disk.read(name))
    const at = desk({ ...disk, read })
    for (const id of ['d1', 'd2']) await at.deposits.begin({ ...deposit, id })
    expect(await at.deposits.recover()).to.equal(1)
    expect(at.events.map((e) => e.type)).to.deep.equal(['voicemail.kept', 'voicemail.spooled'])
  })

  it('touches no other file', async () => {
    const at = desk()
    await at.store.write('stray.pcm', new Uint8Array(10))
    expect([await at.deposits.recover(), await at.store.list('')]).to.deep.equal([0, ['stray.pcm']])
  })
})
