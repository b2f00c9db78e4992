import { expect } from 'chai'
import type { CallOutcome, OutgoingCall, Session, SessionHandlers, Transport } from '../../src/sip/face.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { headerOf, hop, listener, Stage, texts, toBob, type Station } from './stage.ts'

const bobHost = '127.0.20.1'

describe('a call between two endpoints', () => {
  let stage: Stage
  let alice: Station
  let bob: Station

  beforeEach(async () => {
    stage = new Stage()
    const listeners = (host: string) => (['udp', 'tcp', 'tls'] as const).map((t) => listener(t, host))
    alice = await stage.station('alice', '127.0.10.1', { listeners: listeners('127.0.10.1') })
    bob = await stage.station('bob', bobHost, { listeners: listeners(bobHost) })
  })

  afterEach(async () => {
    await stage.close(alice, bob)
    expect(stage.network.open, 'open sockets').to.equal(0)
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  const invite = (transport: Transport = 'udp', session: SessionHandlers = {}): OutgoingCall =>
    alice.endpoint.invite(toBob(hop(transport, bobHost), { session }))

  async function answered(transport: Transport, theirs: SessionHandlers = {}, ours: SessionHandlers = {}) {
    const call = invite(transport, ours)
    await stage.settle()
    const callee = bob.call().accept({}, theirs)
    await stage.settle()
    const outcome = await call.outcome
    return { callee, caller: sessionOf(outcome) }
  }

  function sessionOf(outcome: CallOutcome): Session {
    if (outcome.type !== 'answered') throw new Error(`refused: ${outcome.response.status}`)
    return outcome.session
  }

  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    it(`is answered and ended by the caller over ${transport}`, async () => {
      const { caller, callee } = await answered(transport)
      void caller.bye()
      expect(await callee.ended).to.deep.equal({ by: 'remote' })
      expect(await caller.ended).to.deep.equal({ by: 'local' })
      expect(stage.ladder).to.deep.equal([
        '0 alice INVITE',
        '0 bob 100',
        '0 bob 200',
        '0 alice ACK',
        '0 alice BYE',
        '0 bob 200',
      ])
    })

    it(`is answered and ended by the callee over ${transport}`, async () => {
      const { caller, callee } = await answered(transport)
      await callee.bye()
      expect(await caller.ended).to.deep.equal({ by: 'remote' })
      expect(stage.ladder.slice(-3)).to.deep.equal(['0 alice ACK', '0 bob BYE', '0 alice 200'])
    })
  }

  it('shows progress, and a refusal with its headers', async () => {
    const seen: number[] = []
    const order = toBob(hop('udp', bobHost), { progress: ({ status }) => void seen.push(status) })
    const call = alice.endpoint.invite(order)
    await stage.settle()
    bob.call().progress(180)
    bob.call().progress(183)
    bob.call().refuse({ status: 302, headers: [{ name: 'Contact', value: '<sip:carol@example.com>' }] })
    await stage.settle()
    const outcome = await call.outcome
    expect(seen).to.deep.equal([180, 183])
    expect(outcome).to.include({ type: 'refused', local: false })
    expect(outcome.response).to.include({ status: 302, reason: 'Moved Temporarily' })
    expect(outcome.response.headers.get('Contact')).to.equal('<sip:carol@example.com>')
  })

  it('carries bodies and extra headers both ways', async () => {
    const body = (text: string) => ({ type: 'application/sdp', bytes: Buffer.from(text) })
    const extra = { headers: [{ name: 'Diversion', value: '<sip:1001@pbx>' }], body: body('offer') }
    const call = alice.endpoint.invite(toBob(hop('udp', bobHost), extra))
    await stage.settle()
    const { request } = bob.call()
    bob.call().accept({ body: body('answer') })
    await stage.settle()
    expect(request.headers.get('Diversion')).to.equal('<sip:1001@pbx>')
    expect(Buffer.from(request.body).toString()).to.equal('offer')
    expect(Buffer.from((await call.outcome).response.body).toString()).to.equal('answer')
  })

  it('holds the 200 to BYE until the service is done', async () => {
    const slot: { done?: () => void } = {}
    const { caller, callee } = await answered('udp', { bye: () => new Promise<void>((done) => (slot.done = done)) })
    void caller.bye()
    await stage.pass(2000)
    expect(stage.ladder.filter((rung) => rung.endsWith('bob 200'))).to.have.length(1)
    slot.done?.()
    await stage.settle()
    expect(stage.ladder.at(-1)).to.equal('2000 bob 200')
    expect(await callee.ended).to.deep.equal({ by: 'remote' })
  })

  it('answers BYE after byeAnswer when the service is stuck, and at once when it fails', async () => {
    const stuck = await answered('tcp', { bye: () => new Promise<void>(() => undefined) })
    void stuck.caller.bye()
    await stage.pass(5000)
    expect(stage.ladder.at(-1)).to.equal('5000 bob 200')
    const broken = await answered('tcp', { bye: () => Promise.reject(new Error('disk')) })
    await broken.caller.bye()
    expect(stage.ladder.at(-1)).to.equal('5000 bob 200')
  })

  it('takes a re-INVITE and other requests to the service of the session', async () => {
    const seen: string[] = []
    const note = ({ method }: SipRequest) => {
      seen.push(method)
      return Promise.resolve({ status: 200 })
    }
    const { caller } = await answered('udp', { reinvite: note, request: note })
    expect((await caller.request('INVITE')).status).to.equal(200)
    expect((await caller.request('INFO')).status).to.equal(200)
    expect(seen).to.deep.equal(['INVITE', 'INFO'])
    expect(stage.ladder.slice(-5).map((rung) => rung.slice(2))).to.deep.equal([
      'bob 100',
      'bob 200',
      'alice ACK',
      'alice INFO',
      'bob 200',
    ])
  })

  it('refuses in the dialog what no service handles', async () => {
    const { caller, callee } = await answered('udp')
    expect((await caller.request('INVITE')).status).to.equal(488)
    expect((await caller.request('INFO')).status).to.equal(405)
    expect((await caller.request('BREW')).status).to.equal(501)
    expect((await callee.request('OPTIONS')).status).to.equal(200)
  })

  it('answers 491 to a re-INVITE that crosses its own (RFC 3261 §14.1)', async () => {
    const reinvite = () => Promise.resolve({ status: 200 })
    const { caller, callee } = await answered('udp', { reinvite }, { reinvite })
    const both = await Promise.all([caller.request('INVITE'), callee.request('INVITE')])
    expect(both.map(({ status }) => status)).to.deep.equal([491, 491])
  })

  it('answers 500 to a request of the dialog that comes out of order (RFC 3261 §12.2.2)', async () => {
    const { caller } = await answered('udp')
    await caller.request('OPTIONS')
    await caller.request('OPTIONS')
    const [, second = ''] = texts(alice, 'out', 'OPTIONS')
    const old = second.replace('CSeq: 3', 'CSeq: 1').replace('branch=z9hG4bK', 'branch=z9hG4bKold')
    const raw = await stage.network.bind({ host: '127.0.0.9', port: 5060 }, () => undefined)
    raw.send(Buffer.from(old), { host: bobHost, port: 5060 })
    await stage.settle()
    await raw.close()
    expect(texts(bob, 'out', '500')).to.have.length(1)
  })

  it('keeps both calls to one hop on one connection, opened once by both together', async () => {
    const calls = [invite('tls'), invite('tls')]
    await stage.settle()
    for (const call of bob.calls) call.accept({})
    await stage.settle()
    const sessions = (await Promise.all(calls.map((call) => call.outcome))).map(sessionOf)
    await Promise.all(sessions.map((session) => session.bye()))
    expect(stage.network.opened).to.have.length(1)
  })

  it('sends a new request to a peer back over the connection that the peer opened', async () => {
    await answered('tcp')
    const { remote } = bob.call().source
    const { status } = await bob.endpoint.request({
      method: 'OPTIONS',
      uri: 'sip:alice',
      hop: hop('tcp', remote.host, remote.port),
      from: '<sip:bob@x>',
      to: '<sip:alice@x>',
    })
    expect(status).to.equal(200)
    expect(stage.network.opened).to.have.length(1)
  })

  it('reads a stream however it is cut', async () => {
    stage.network.piece = 7
    const { caller } = await answered('tcp')
    await caller.bye()
    expect(await caller.ended).to.deep.equal({ by: 'local' })
  })

  it('survives the loss of its connection while the peer can be reached again', async () => {
    const { caller, callee } = await answered('tcp')
    stage.network.cut()
    await stage.settle()
    expect(stage.network.opened).to.have.length.above(1)
    await caller.bye()
    expect(await callee.ended).to.deep.equal({ by: 'remote' })
  })

  it('fails when its connection is lost and none can be opened', async () => {
    const { caller, callee } = await answered('tcp')
    stage.network.refuse = () => new Error('unreachable')
    stage.network.cut()
    await stage.settle()
    expect((await caller.ended).by).to.equal('failed')
    expect((await callee.ended).by).to.equal('failed')
  })

  it('ends sessions and pending calls on close', async () => {
    const { callee } = await answered('udp')
    const pending = invite('udp')
    await stage.settle()
    bob.call().progress(180)
    await stage.settle()
    await stage.close(alice)
    expect(await callee.ended).to.deep.equal({ by: 'remote' })
    expect(await pending.outcome).to.include({ type: 'refused', local: false })
    expect((await pending.outcome).response.status).to.equal(487)
  })

  it('answers 503 to a call that is pending when the callee closes', async () => {
    const pending = invite('tcp')
    await stage.settle()
    await stage.close(bob)
    expect((await pending.outcome).response.status).to.equal(503)
  })

  it('names itself where a product is given, and lists what it handles', async () => {
    const named = await stage.station('named', '127.0.10.9', { product: 'Postern' })
    const call = named.endpoint.invite(toBob(hop('udp', bobHost)))
    await stage.settle()
    bob.call().refuse({ status: 486 })
    await call.outcome
    const [text = ''] = texts(bob, 'in', 'INVITE')
    expect(headerOf(text, 'User-Agent')).to.equal('Postern')
    expect(headerOf(text, 'Allow')).to.contain('INVITE, ACK, CANCEL, BYE')
    await stage.close(named)
  })
})
