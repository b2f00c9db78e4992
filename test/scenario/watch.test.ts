import { expect } from 'chai'
import { Watch } from '../../src/scenario/watch.ts'
import { FakeLab } from '../support/fake-lab.ts'
import { settled } from '../support/fake-sip.ts'

describe('Watch', () => {
  const make = () => {
    const lab = new FakeLab()
    const watch = new Watch(lab.clock)
    watch.follow(lab.bus)
    const say = (text: string): void => lab.bus.from('lab')({ type: 'lab.broken', text })
    const until = (text: string, ms = 1000) => watch.until((e) => e.type === 'lab.broken' && e.text === text, ms)
    return { lab, watch, say, until }
  }

  it('keeps all that happened, in order', () => {
    const { watch, say } = make()
    for (const text of ['one', 'two']) say(text)
    expect(watch.events.map((e) => e.seq)).to.deep.equal([1, 2])
  })

  it('finds what has happened already: the first of it', async () => {
    const { say, until } = make()
    for (const text of ['one', 'two', 'two']) say(text)
    expect((await until('two'))?.seq).to.equal(2)
  })

  it('waits for what is to come, past what does not fit', async () => {
    const { lab, say, until } = make()
    const found = until('two')
    say('one')
    lab.clock.advance(999)
    say('two')
    expect((await found)?.seq).to.equal(2)
  })

  it('gives up after its time', async () => {
    const { lab, say, until } = make()
    let found: unknown = 'waiting'
    void until('two').then((event) => (found = event))
    lab.clock.advance(999)
    await settled()
    expect(found).to.equal('waiting')
    lab.clock.advance(1)
    say('two')
    await settled()
    expect(found).to.equal(undefined)
  })

  it('lets several wait at once', async () => {
    const { say, until } = make()
    const both = [until('one'), until('two'), until('one')]
    say('two')
    say('one')
    expect((await Promise.all(both)).map((e) => e?.seq)).to.deep.equal([2, 1, 2])
  })
})
