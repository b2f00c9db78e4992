import { expect } from 'chai'
import type { Session } from '../../src/sip/face.ts'
import { hop, Stage, texts, toBob, type Station } from './stage.ts'

const bobHost = '127.0.20.1'

describe('a call over a network that loses datagrams', () => {
  let stage: Stage
  let alice: Station
  let bob: Station

  beforeEach(async () => {
    stage = new Stage()
    alice = await stage.station('alice', '127.0.10.1')
    bob = await stage.station('bob', bobHost, {
      invite: (call) => {
        bob.calls.push(call)
        session = call.accept({})
      },
    })
  })

  afterEach(async () => {
    stage.network.lose = () => false
    await stage.close(alice, bob)
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  let session: Session
  const invite = () => alice.endpoint.invite(toBob(hop('udp', bobHost)))

  /** Loses the first `count` datagrams that begin so. */
  function lose(beginning: string, count: number): void {
    let left = count
    stage.network.lose = (bytes) => Buffer.from(bytes).toString().startsWith(beginning) && left-- > 0
  }

  it('repeats a lost INVITE after T1 and 3*T1', async () => {
    lose('INVITE', 2)
    const call = invite()
    await stage.pass(1500)
    expect((await call.outcome).type).to.equal('answered')
    expect(stage.ladder.slice(0, 4)).to.deep.equal([
      '0 alice INVITE',
      '500 alice INVITE',
      '1500 alice INVITE',
      '1500 bob 100',
    ])
  })

  it('repeats a lost 200 from T1 on, and hands the call up once', async () => {
    lose('SIP/2.0 200', 2)
    const call = invite()
    await stage.pass(1500)
    expect((await call.outcome).type).to.equal('answered')
    expect(stage.ladder.filter((rung) => rung.endsWith('bob 200'))).to.deep.equal([
      '0 bob 200',
      '500 bob 200',
      '1500 bob 200',
    ])
    expect(bob.calls).to.have.length(1)
  })

  it('absorbs a repeated INVITE when 100 and 200 are lost', async () => {
    lose('SIP/2.0', 2)
    const call = invite()
    await stage.pass(500)
    expect((await call.outcome).type).to.equal('answered')
    expect(bob.calls).to.have.length(1)
  })

  it('answers every repeated 200 with the same ACK', async () => {
    lose('ACK', 2)
    const call = invite()
    await stage.pass(5000)
    expect((await call.outcome).type).to.equal('answered')
    const acks = texts(alice, 'out', 'ACK')
    expect(acks).to.have.length(3)
    expect(new Set(acks).size).to.equal(1)
  })

  it('ends the session with BYE when no ACK ever comes (RFC 3261 §13.3.1.4)', async () => {
    lose('ACK', Infinity)
    invite()
    await stage.pass(31_950)
    expect(texts(bob, 'out', 'BYE')).to.be.empty
    await stage.pass(100)
    expect(await session.ended).to.include({ by: 'failed' })
    expect(texts(bob, 'out', 'BYE')).to.have.length(1)
    expect(bob.events.filter(({ type }) => type === 'sip.timeout')).to.have.length(1)
  })

  it('holds its own BYE until the ACK has come (RFC 3261 §15)', async () => {
    lose('ACK', 1)
    invite()
    await stage.settle()
    void session.bye()
    await stage.settle()
    expect(texts(bob, 'out', 'BYE')).to.be.empty
    await stage.pass(500)
    expect(await session.ended).to.deep.equal({ by: 'local' })
  })

  it('repeats a lost BYE, and is over once it is answered', async () => {
    const call = invite()
    await stage.settle()
    lose('BYE', 1)
    const outcome = await call.outcome
    const bye = outcome.type === 'answered' ? outcome.session.bye() : undefined
    await stage.pass(500)
    await bye
    expect(stage.ladder.slice(-2)).to.deep.equal(['500 alice BYE', '500 bob 200'])
  })

  it('is over for who said BYE though nobody answers it', async () => {
    const call = invite()
    await stage.settle()
    stage.network.lose = () => true
    const outcome = await call.outcome
    if (outcome.type !== 'answered') throw new Error('refused')
    void outcome.session.bye()
    await stage.pass(32_000)
    expect(await outcome.session.ended).to.deep.equal({ by: 'local', text: 'BYE: 408 Request Timeout' })
  })

  it('is a 408 made here when no answer comes at all', async () => {
    stage.network.lose = () => true
    const call = invite()
    await stage.pass(32_000)
    const outcome = await call.outcome
    expect(outcome)
      .to.include({ type: 'refused', local: true })
      .and.to.have.nested.property('error.code', 'sip-timeout')
    expect(outcome.response.status).to.equal(408)
    expect(texts(alice, 'out', 'INVITE')).to.have.length(7)
    expect(alice.events.filter(({ type }) => type === 'sip.timeout')).to.have.length(1)
  })

  it('closes within its bound though the peer is gone', async () => {
    invite()
    await stage.settle()
    stage.network.lose = () => true
    await stage.close(alice)
    expect(stage.clock.now()).to.be.below(9500)
  })
})
