import { expect } from 'chai'
import { controlFace } from '../../src/lab/control.ts'
import { FakeLab } from '../support/fake-lab.ts'
import { settled } from '../support/fake-sip.ts'

const first = ': events of the lab follow\n\n'

describe('the events of a lab, as server-sent events', () => {
  let lab: FakeLab
  beforeEach(() => void (lab = new FakeLab()))

  /** One reader who has read the greeting line. */
  async function reader(): Promise<AsyncIterator<string>> {
    const { status, headers, body } = await controlFace(lab)({
      method: 'GET',
      path: '/events',
      headers: {},
      body: new Uint8Array(),
    })
    expect([status, headers['content-type']]).to.deep.equal([200, 'text/event-stream'])
    if (body instanceof Uint8Array) throw new Error('not a stream')
    const events = body[Symbol.asyncIterator]()
    expect(await events.next()).to.deep.equal({ done: false, value: first })
    return events
  }

  const break_ = (text: string): void => lab.bus.from('lab')({ type: 'lab.broken', text })

  it('come as they happen, with type and data, each on its lines', async () => {
    const events = await reader()
    const next = events.next()
    break_('one\ntwo')
    const { value } = (await next) as { value: string }
    expect(value).to.match(/^event: lab\.broken\ndata: [^\n]+\n\n$/)
    const data = JSON.parse(value.split('\n')[1]!.slice('data: '.length)) as unknown
    expect(data).to.deep.include({ type: 'lab.broken', text: 'one\ntwo', seq: 1, station: 'lab', at: 0 })
  })

  it('wait for a reader who is busy, in order', async () => {
    const events = await reader()
    for (const text of ['one', 'two', 'three']) break_(text)
    for (const text of ['one', 'two', 'three']) {
      const { value } = (await events.next()) as { value: string }
      expect(value).to.include(`"text":"${text}"`)
    }
  })

  it('are dropped and counted when a reader stays away too long', async () => {
    const events = await reader()
    for (let i = 0; i < 10_007; i++) break_(String(i))
    for (let i = 0; i < 10_000; i++) await events.next()
    expect(await events.next()).to.deep.equal({ done: false, value: 'event: lab.dropped\ndata: {"count":7}\n\n' })
    break_('again')
    expect((await events.next()).value).to.include('again')
  })

  it('end at once when the reader leaves, also while it waits', async () => {
    const events = await reader()
    const waiting = events.next()
    expect(await events.return?.()).to.deep.equal({ done: true, value: undefined })
    expect(await waiting).to.deep.equal({ done: true, value: undefined })
    break_('after')
    expect((await events.next()).done).to.equal(true)
  })

  it('end with what was not read left out when the reader leaves', async () => {
    const events = await reader()
    break_('unread')
    await events.return?.()
    expect((await events.next()).done).to.equal(true)
  })

  it('end when the lab has stopped, with that as the last', async () => {
    const events = await reader()
    const seen: string[] = []
    const all = (async () => {
      for (let e = await events.next(); e.done !== true; e = await events.next()) seen.push(e.value.split('\n')[0]!)
    })()
    break_('one')
    lab.bus.from('lab')({ type: 'lab.stopped' })
    await settled()
    await all
    expect(seen).to.deep.equal(['event: lab.broken', 'event: lab.stopped'])
  })

  it('go to each reader on its own', async () => {
    const [one, two] = [await reader(), await reader()]
    await one.return?.()
    break_('x')
    expect((await two.next()).value).to.include('lab.broken')
  })
})
