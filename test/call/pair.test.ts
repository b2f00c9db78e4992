import { expect } from 'chai'
import { Pair } from '../../src/call/pair.ts'
import { FakeSession, request, settled } from '../support/fake-sip.ts'

interface Joined {
  readonly pair: Pair
  readonly a: FakeSession
  readonly b: FakeSession
}

function make(): Joined {
  const pair = new Pair()
  return { pair, a: new FakeSession('a', pair.handlers('a')), b: new FakeSession('b', pair.handlers('b')) }
}

function joined(): Joined {
  const made = make()
  made.pair.join('b', made.b)
  made.pair.join('a', made.a)
  return made
}

describe('the pair of sessions of a back-to-back user agent', () => {
  it('answers a BYE only when the other side has answered ours', async () => {
    const { a, b } = joined()
    let safe: () => void = () => undefined
    b.byeAnswer = new Promise((resolve) => (safe = resolve))
    let answered = false
    const bye = a.receiveBye().then(() => (answered = true))
    await settled()
    expect([b.byes, answered]).to.deep.equal([1, false])
    safe()
    await bye
  })

  it('sends no BYE to the side that said BYE', async () => {
    const { a, b } = joined()
    await a.receiveBye()
    await settled()
    expect([a.byes, b.byes]).to.deep.equal([0, 1])
  })

  it('does not wait for a side that says BYE at the same moment', async () => {
    const { a, b } = joined()
    b.byeAnswer = b.ended.then(() => undefined)
    await Promise.all([a.receiveBye(), b.receiveBye()])
    expect([a.byes, b.byes]).to.deep.equal([0, 1])
  })

  for (const side of ['a', 'b'] as const) {
    it(`ends the other when the transport of ${side} dies, once`, async () => {
      const both = joined()
      both[side].fail()
      await settled()
      expect([both.a.byes, both.b.byes]).to.deep.equal(side === 'a' ? [0, 1] : [1, 0])
    })
  }

  it('ends a side at once that joins after the other is over', async () => {
    const { pair, a, b } = make()
    pair.join('b', b)
    await b.receiveBye()
    pair.join('a', a)
    await settled()
    expect(a.byes).to.equal(1)
  })

  it('passes a request on with its body alone, and its response back', async () => {
    const { a, b } = joined()
    const headers = { 'Content-Type': 'application/dtmf-relay', 'X-Inside': '10.0.0.1' }
    expect(await a.receive(request('INFO', 'sip:us', headers, 'Signal=5'))).to.deep.equal({ status: 200, reason: 'OK' })
    const body = { type: 'application/dtmf-relay', bytes: Buffer.from('Signal=5') }
    expect(b.requests).to.deep.equal([{ method: 'INFO', extra: { body } }])
  })

  it('passes a request without a body on without one, and answers 481 where there is nobody yet', async () => {
    const { pair, a, b } = make()
    expect(await b.receive(request('INFO', 'sip:us'))).to.deep.equal({ status: 481 })
    pair.join('b', b)
    await a.receive(request('INFO', 'sip:us'))
    expect(b.requests).to.deep.equal([{ method: 'INFO', extra: {} }])
  })
})
