import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import type { Store } from '../../src/kernel/store.ts'
import { readMail } from '../../src/mail/read.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { accepted, answer, held, mail, SpoolLab, unreachable } from './spool-lab.ts'

const schedule = [1000, 5000, 60_000]

describe('spool', () => {
  it('delivers at once what the server accepts, and keeps nothing of it', async () => {
    const lab = new SpoolLab()
    const store = memoryStore()
    const spool = await lab.open(store)
    await spool.submit({ ...mail('one'), note: 'call 17' })
    await spool.idle()
    expect(lab.sent).to.deep.equal([
      {
        envelope: { from: 'um@contoso.example', to: ['ann@contoso.example'] },
        text: 'Subject: one\r\n\r\nbody of one',
      },
    ])
    expect(lab.log()).to.deep.equal(['spooled', 'attempt', 'delivered'])
    expect(lab.events[0]).to.include({ id: 'one', to: 'ann@contoso.example', bytes: 27, note: 'call 17' })
    expect(await store.list('spool')).to.deep.equal([])
  })

  it('accepted on the third try after 451 twice, at the times of the schedule', async () => {
    const lab = new SpoolLab()
    lab.answers.push(answer(451, '4.3.0', 'later'), answer(451, '4.3.0', 'later'))
    const spool = await lab.open(memoryStore(), { schedule })
    await spool.submit(mail('one'))
    expect((await lab.until('mail.retry')).next).to.equal(lab.clock.wall() + 1000)
    lab.clock.advance(999)
    expect(lab.sent).to.have.length(1)
    lab.clock.advance(1)
    expect((await lab.until('mail.retry', 2)).next).to.equal(lab.clock.wall() + 5000)
    lab.clock.advance(5000)
    expect(await lab.until('mail.delivered')).to.include({ id: 'one', attempts: 3 })
    expect(lab.events.filter(({ type }) => type === 'mail.attempt')[0]).to.include({
      attempt: 1,
      outcome: 'deferred',
      code: 451,
      enhanced: '4.3.0',
      text: 'later',
    })
  })

  it('tries again when nobody answers, and repeats the last interval', async () => {
    const lab = new SpoolLab()
    lab.answers.push(...Array.from({ length: 5 }, () => unreachable))
    const spool = await lab.open(memoryStore(), { schedule })
    await spool.submit(mail('one'))
    for (const [i, wait] of [1000, 5000, 60_000, 60_000, 60_000].entries()) {
      expect((await lab.until('mail.retry', i + 1)).next).to.equal(lab.clock.wall() + wait)
      lab.clock.advance(wait)
    }
    await lab.until('mail.delivered')
  })

  it('reports a refusal to the postmaster, from the null path, with the original inside', async () => {
    const lab = new SpoolLab()
    lab.answers.push(answer(550, '5.1.1', 'unknown mailbox'))
    const store = memoryStore()
    const spool = await lab.open(store)
    await spool.submit(mail('one'))
    await spool.idle()
    expect(lab.sent.map(({ envelope }) => envelope)).to.deep.equal([
      { from: 'um@contoso.example', to: ['ann@contoso.example'] },
      { from: '', to: ['postmaster@contoso.example'] },
    ])
    const report = await readMail(Buffer.from(lab.sent[1]!.text))
    expect(report.kind).to.equal('non-delivery')
    expect(lab.sent[1]!.text).to.include('Diagnostic-Code: smtp; 550 5.1.1 unknown mailbox').and.include('body of one')
    expect(lab.log()).to.deep.equal(['spooled', 'attempt', 'undeliverable', 'spooled', 'attempt', 'delivered'])
    expect(await store.list('spool')).to.deep.equal([])
  })

  it('reports what could not be delivered before it expired, after a last try', async () => {
    const lab = new SpoolLab()
    lab.answers.push(unreachable, unreachable, unreachable)
    const spool = await lab.open(memoryStore(), { schedule, expiryMs: 3000 })
    await spool.submit(mail('one'))
    await lab.until('mail.retry')
    lab.clock.advance(1000)
    await lab.until('mail.retry', 2)
    lab.clock.advance(2000)
    await spool.idle()
    expect(lab.sent).to.have.length(4)
    expect(lab.sent[3]!.text).to.include('Status: 4.4.7').and.include('connection refused: 127.0.0.1:25')
  })

  it('sets a refused report aside rather than report it (RFC 5321 §4.5.5)', async () => {
    const lab = new SpoolLab()
    lab.answers.push(answer(550, '5.1.1', 'unknown'), answer(550, '5.1.1', 'no postmaster either'))
    const store = memoryStore()
    const spool = await lab.open(store)
    await spool.submit(mail('one'))
    await spool.idle()
    expect(lab.log().slice(-2)).to.deep.equal(['undeliverable', 'set-aside'])
    expect((await store.list('spool/dead')).map((name) => name.replace(/^.*\./, '.'))).to.deep.equal(['.eml', '.json'])
    expect(await store.list('spool')).to.deep.equal([])
  })

  it('judges each recipient of a message by itself', async () => {
    const lab = new SpoolLab()
    lab.answers.push(accepted, answer(550, '5.1.1', 'unknown'))
    const spool = await lab.open(memoryStore(), { concurrency: 1 })
    await spool.submit(mail('one', ['ann@contoso.example', 'bob@contoso.example']))
    await spool.idle()
    expect(lab.sent.map(({ envelope }) => envelope.to[0])).to.deep.equal([
      'ann@contoso.example',
      'bob@contoso.example',
      'postmaster@contoso.example',
    ])
    expect(lab.sent[2]!.text).to.include('Final-Recipient: rfc822; bob@contoso.example')
  })

  it('takes the same submission twice as one message', async () => {
    const lab = new SpoolLab()
    const spool = await lab.open(memoryStore())
    await Promise.all([spool.submit(mail('one')), spool.submit(mail('one'))])
    await spool.idle()
    expect(lab.sent).to.have.length(1)
  })

  it('has no more attempts under way than it may', async () => {
    const lab = new SpoolLab()
    const answers = Array.from({ length: 3 }, () => held())
    lab.answers.push(...answers.map(({ promise }) => promise))
    const spool = await lab.open(memoryStore(), { concurrency: 2 })
    for (const id of ['a', 'b', 'c']) await spool.submit(mail(id))
    expect(spool.pending).to.equal(3)
    expect(lab.sent).to.have.length(2)
    answers[0]!.resolve(accepted)
    await lab.until('mail.delivered')
    answers[1]!.resolve(accepted)
    answers[2]!.resolve(accepted)
    await spool.idle()
    expect(lab.sent).to.have.length(3)
  })

  it('takes up after a restart what was left, at the persisted time', async () => {
    const lab = new SpoolLab()
    const store = memoryStore()
    lab.answers.push(unreachable)
    const first = await lab.open(store, { schedule })
    await first.submit(mail('one'))
    await lab.until('mail.retry')
    await first.close()
    lab.clock.advance(400)
    const second = await lab.open(store, { schedule })
    expect(second.pending).to.equal(1)
    lab.clock.advance(599)
    expect(lab.sent).to.have.length(1)
    lab.clock.advance(1)
    expect(await lab.until('mail.delivered')).to.include({ id: 'one', attempts: 2 })
    await second.idle()
    const third = await lab.open(store)
    expect(third.pending).to.equal(0)
    expect(lab.sent).to.have.length(2)
  })

  it('does not wait longer than one interval when the wall clock was set back', async () => {
    const lab = new SpoolLab()
    const store = memoryStore()
    lab.answers.push(unreachable)
    await (await lab.open(store, { schedule })).submit(mail('one'))
    await lab.until('mail.retry')
    const earlier = new SpoolLab()
    earlier.clock.advance(-86_400_000)
    await earlier.open(store, { schedule })
    earlier.clock.advance(60_000)
    await earlier.until('mail.delivered')
  })

  it('ends an attempt under way before it closes, and then takes nothing more', async () => {
    const lab = new SpoolLab()
    const store = memoryStore()
    const late = held()
    lab.answers.push(late.promise)
    const spool = await lab.open(store)
    await spool.submit(mail('one'))
    const closed = spool.close()
    late.resolve(accepted)
    await closed
    expect(await store.list('spool')).to.deep.equal([])
    const refusal = await spool.submit(mail('two')).catch((thrown: unknown) => thrown)
    expect(refusal).to.be.instanceOf(PosternError)
  })

  it('sets aside what it cannot read, says so, and goes on', async () => {
    const lab = new SpoolLab()
    const store = memoryStore()
    const key = 'ab'.repeat(20)
    await (await lab.open(store, { send: () => new Promise(() => undefined) })).submit(mail('good'))
    await store.write(`spool/${key}.json`, Buffer.from('{"version":1,"id":7}'))
    await store.write(`spool/${key}.eml`, Buffer.from('x'))
    await store.write('spool/notes.txt', Buffer.from('x'))
    await store.write(`spool/${'cd'.repeat(20)}.eml`, Buffer.from('never accepted'))
    const restarted = new SpoolLab()
    const spool = await restarted.open(store)
    await spool.idle()
    expect(restarted.log()).to.deep.equal(['set-aside', 'set-aside', 'attempt', 'delivered'])
    expect(await store.list('spool/dead')).to.deep.equal([`${key}.eml`, `${key}.json`, 'notes.txt'])
    expect(await store.list('spool')).to.deep.equal([])
  })

  it('sets aside an entry whose message has gone', async () => {
    const lab = new SpoolLab()
    const store = memoryStore()
    const entry = { version: 1, id: 'x', from: 'a@b', to: 'c@d', submitted: 0, attempts: 0, next: 0 }
    await store.write(`spool/${'ab'.repeat(20)}.json`, Buffer.from(JSON.stringify(entry)))
    const spool = await lab.open(store)
    await spool.idle()
    expect(lab.events).to.have.length(1)
    expect(lab.events[0]).to.include({ type: 'mail.set-aside', text: 'its message is missing' })
  })

  it('refuses a submission that the disk refuses, and tries again what the disk refused later', async () => {
    const lab = new SpoolLab()
    const store = memoryStore()
    const broken = { write: true, remove: true }
    const failing: Store = {
      ...store,
      write: (name, bytes) =>
        broken.write ? Promise.reject(new PosternError('store-failed', 'full')) : store.write(name, bytes),
      remove: (name) =>
        broken.remove ? Promise.reject(new PosternError('store-failed', 'read-only')) : store.remove(name),
    }
    const spool = await lab.open(failing, { schedule })
    expect(await spool.submit(mail('one')).catch((thrown: unknown) => (thrown as PosternError).code)).to.equal(
      'store-failed',
    )
    broken.write = false
    await spool.submit(mail('one'))
    expect((await lab.until('mail.spool-failed')).text).to.equal('read-only')
    broken.remove = false
    lab.clock.advance(1000)
    await spool.idle()
    expect(lab.sent).to.have.length(1)
    expect(await store.list('spool')).to.deep.equal([])
  })
})
