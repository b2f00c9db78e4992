import { expect } from 'chai'
import { hop, Stage, texts, toBob, type Station } from './stage.ts'

const bobHost = '127.0.20.1'

describe('CANCEL (RFC 3261 §9)', () => {
  let stage: Stage
  let alice: Station
  let bob: Station
  let cancelled: number

  beforeEach(async () => {
    stage = new Stage()
    cancelled = 0
    alice = await stage.station('alice', '127.0.10.1')
    bob = await stage.station('bob', bobHost)
  })

  afterEach(async () => {
    await stage.close(alice, bob)
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  const rungs = (): string[] => stage.ladder.map((rung) => rung.replace(/^\d+ /, ''))

  async function ringing() {
    const call = alice.endpoint.invite(toBob(hop('udp', bobHost)))
    await stage.settle()
    bob.call().onCancel(() => cancelled++)
    bob.call().progress(180)
    await stage.settle()
    return call
  }

  it('ends a ringing call with 487 and tells the callee once', async () => {
    const call = await ringing()
    call.cancel()
    call.cancel()
    await stage.settle()
    const outcome = await call.outcome
    expect(outcome).to.include({ type: 'refused', local: false })
    expect(outcome.response.status).to.equal(487)
    expect(cancelled).to.equal(1)
    expect(rungs().slice(-4)).to.deep.equal(['alice CANCEL', 'bob 200', 'bob 487', 'alice ACK'])
  })

  it('is of the branch, number and Request-URI of its INVITE', async () => {
    const call = await ringing()
    call.cancel()
    await stage.settle()
    const [invite = ''] = texts(alice, 'out', 'INVITE')
    const [cancel = ''] = texts(alice, 'out', 'CANCEL')
    const shared = /^(?:Via|From|To|Call-ID): .*$/gm
    expect(cancel.match(shared)).to.deep.equal(invite.match(shared))
    expect(cancel)
      .to.match(/^CANCEL sip:bob@127\.0\.20\.1 SIP/)
      .and.to.contain('CSeq: 1 CANCEL')
  })

  it('waits for a provisional response, for none may be sent before', async () => {
    stage.network.lose = (_, from) => from.host === bobHost
    const call = alice.endpoint.invite(toBob(hop('udp', bobHost)))
    await stage.settle()
    call.cancel()
    await stage.settle()
    expect(rungs()).not.to.include('alice CANCEL')
    stage.network.lose = () => false
    await stage.pass(500)
    expect(rungs()).to.include('alice CANCEL')
    expect((await call.outcome).response.status).to.equal(487)
  })

  it('sends nothing when it comes before the INVITE could', async () => {
    const call = alice.endpoint.invite(toBob(hop('udp', bobHost)))
    call.cancel()
    expect(await call.outcome).to.include({ type: 'refused', local: true })
    expect(stage.ladder).to.be.empty
  })

  it('that crosses a 200 leads to ACK and BYE', async () => {
    const call = await ringing()
    const session = bob.call().accept({})
    call.cancel()
    await stage.settle()
    expect(await call.outcome).to.include({ type: 'refused', local: true })
    expect((await call.outcome).response.status).to.equal(487)
    expect(await session.ended).to.deep.equal({ by: 'remote' })
    expect(rungs().slice(3)).to.deep.equal(['bob 200', 'alice CANCEL', 'bob 200', 'alice ACK', 'alice BYE', 'bob 200'])
    expect(cancelled).to.equal(0)
  })

  it('leaves a callee that accepts too late with a session that is over', async () => {
    const call = await ringing()
    call.cancel()
    await stage.settle()
    expect((await bob.call().accept({}).ended).by).to.equal('remote')
    expect(texts(bob, 'out', '200')).to.have.length(1)
  })

  it('gives up 64*T1 after a CANCEL that nobody answers', async () => {
    const call = await ringing()
    stage.network.lose = (_, from) => from.host === bobHost
    call.cancel()
    await stage.pass(32_000)
    expect(await call.outcome).to.include({ type: 'refused', local: true })
    stage.network.lose = () => false
  })

  it('is a 481 where there is nothing to cancel', async () => {
    const call = await ringing()
    call.cancel()
    await stage.settle()
    const [cancel = ''] = texts(alice, 'out', 'CANCEL')
    const raw = await stage.network.bind({ host: '127.0.0.9', port: 5060 }, () => undefined)
    raw.send(Buffer.from(cancel.replace('z9hG4bK', 'z9hG4bKother')), { host: bobHost, port: 5060 })
    await stage.settle()
    await raw.close()
    expect(texts(bob, 'out', '481')).to.have.length(1)
  })

  it('is told to the callee too when the connection dies before the answer', async () => {
    const call = alice.endpoint.invite(toBob(hop('tcp', bobHost)))
    await stage.settle()
    bob.call().onCancel(() => cancelled++)
    stage.network.cut()
    await stage.settle()
    expect(cancelled).to.equal(1)
    const outcome = await call.outcome
    expect(outcome)
      .to.include({ type: 'refused', local: true })
      .and.to.have.nested.property('error.code', 'network-closed')
    expect(outcome.response.status).to.equal(503)
  })

  it('follows timer C on a call that rings for ever', async () => {
    const call = await ringing()
    await stage.pass(179_000)
    expect(rungs()).not.to.include('alice CANCEL')
    await stage.pass(2000)
    expect(rungs()).to.include('alice CANCEL')
    const outcome = await call.outcome
    expect(outcome)
      .to.include({ type: 'refused', local: true })
      .and.to.have.nested.property('error.code', 'sip-timeout')
    expect(outcome.response.status).to.equal(408)
  })
})
