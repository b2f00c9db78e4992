import { expect } from 'chai'
import type { SipEvent } from '../../src/sip/events.ts'
import type { CallOutcome, SessionHandlers, SessionTimerOrder } from '../../src/sip/face.ts'
import { headerOf, hop, Stage, texts, toBob, type Station } from './stage.ts'

const bobHost = '127.0.20.1'
const half: SessionTimerOrder = { expiresMs: 1_800_000, minMs: 90_000 }
const hour = 3_600_000

describe('session timers between two endpoints (RFC 4028)', () => {
  let stage: Stage
  let alice: Station
  let bob: Station

  beforeEach(() => {
    stage = new Stage()
  })

  afterEach(async () => {
    await stage.close(alice, bob)
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  async function stations(ours?: SessionTimerOrder, theirs?: SessionTimerOrder): Promise<void> {
    alice = await stage.station('alice', '127.0.10.1', ours === undefined ? {} : { sessionTimer: ours })
    bob = await stage.station('bob', bobHost, theirs === undefined ? {} : { sessionTimer: theirs })
  }

  async function talking(theirs: SessionHandlers = {}, ours: SessionHandlers = {}) {
    const call = alice.endpoint.invite(toBob(hop('udp', bobHost), { session: ours }))
    await stage.settle()
    const callee = bob.call().accept({}, theirs)
    await stage.settle()
    return { callee, caller: sessionOf(await call.outcome) }
  }

  function sessionOf(outcome: CallOutcome) {
    if (outcome.type !== 'answered') throw new Error(`refused: ${outcome.response.status}`)
    return outcome.session
  }

  const header = (station: Station, title: string, name: string, at = 0) =>
    headerOf(texts(station, 'out', title).at(at) ?? '', name)

  const said = (station: Station, type: SipEvent['type']) => station.events.filter((event) => event.type === type)

  it('are said to be known, and do not run, where neither side asks for one (§7.1)', async () => {
    await stations()
    await talking()
    expect([header(alice, 'INVITE', 'Supported'), header(bob, '200', 'Supported')]).to.deep.equal(['timer', 'timer'])
    expect([header(alice, 'INVITE', 'Allow'), header(bob, '200', 'Allow')].join()).to.match(/UPDATE.*UPDATE/)
    expect([header(alice, 'INVITE', 'Session-Expires'), header(bob, '200', 'Session-Expires')]).to.deep.equal([
      undefined,
      undefined,
    ])
    expect(header(bob, '200', 'Require')).to.equal(undefined)
    const before = stage.ladder.length
    await stage.leap(24 * hour)
    expect(stage.ladder.slice(before)).to.deep.equal([])
  })

  it('stand in no ACK (§7.1)', async () => {
    await stations(half)
    await talking()
    expect([header(alice, 'ACK', 'Supported'), header(alice, 'ACK', 'Session-Expires')]).to.deep.equal([
      undefined,
      undefined,
    ])
  })

  const refreshers = [
    ['the caller', 'who is left the choice', half, undefined, '1800', '1800;refresher=uac'],
    ['the caller', 'who says so', { ...half, refresher: 'uac' }, half, '1800;refresher=uac', '1800;refresher=uac'],
    ['the callee', 'as the caller says', { ...half, refresher: 'uas' }, undefined, '1800;refresher=uas', undefined],
    ['the caller', 'who is asked by the callee', undefined, half, undefined, '1800;refresher=uac'],
  ] as const
  for (const [who, why, ours, theirs, asked, granted = asked] of refreshers) {
    it(`keep a session for hours by an UPDATE of ${who}, ${why}, each 15 minutes (§9, §10)`, async () => {
      await stations(ours, theirs)
      const { caller } = await talking()
      expect(header(alice, 'INVITE', 'Session-Expires')).to.equal(asked)
      expect(header(bob, '200', 'Session-Expires')).to.equal(granted)
      expect(header(bob, '200', 'Require')).to.equal('timer')
      const before = stage.ladder.length
      await stage.leap(3 * hour)
      const [from, to] = who === 'the caller' ? ['alice', 'bob'] : ['bob', 'alice']
      const quarters = Array.from({ length: 12 }, (_, i) => (i + 1) * 900_000)
      expect(stage.ladder.slice(before)).to.deep.equal(
        quarters.flatMap((at) => [`${at} ${from} UPDATE`, `${at} ${to} 200`]),
      )
      void caller.bye()
      expect(await caller.ended).to.deep.equal({ by: 'local' })
    })
  }

  it('refresh by an UPDATE without a body that keeps interval and refresher (§7.4)', async () => {
    await stations({ ...half, minMs: 600_000 })
    await talking()
    await stage.leap(900_000)
    const [update = ''] = texts(alice, 'out', 'UPDATE')
    expect(update).to.match(/\r\n\r\n$/)
    const names = ['Session-Expires', 'Min-SE', 'Supported', 'Allow', 'CSeq', 'Contact']
    expect(names.map((name) => headerOf(update, name))).to.deep.equal([
      '1800;refresher=uac',
      '600',
      'timer',
      'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE',
      '2 UPDATE',
      '<sip:alice@127.0.10.1:5060>',
    ])
    const answer = ['Session-Expires', 'Require', 'Contact'].map((name) => header(bob, '200', name, -1))
    expect(answer).to.deep.equal(['1800;refresher=uac', 'timer', '<sip:bob@127.0.20.1:5060>'])
  })

  it('are one event a refresh on each side', async () => {
    await stations(half)
    const { caller } = await talking()
    await stage.leap(900_000)
    const event = { type: 'sip.session-refreshed', callId: caller.callId, method: 'UPDATE', expiresMs: 1_800_000 }
    expect(said(alice, 'sip.session-refreshed')).to.deep.equal([{ ...event, by: 'local' }])
    expect(said(bob, 'sip.session-refreshed')).to.deep.equal([{ ...event, by: 'remote' }])
  })

  it('are refused with 422 where too short, and asked again by the next INVITE of the same call (§7.3)', async () => {
    await stations({ ...half, expiresMs: 600_000 }, { ...half, minMs: 1_800_000 })
    await talking()
    const invites = texts(alice, 'out', 'INVITE')
    const shown = ['CSeq', 'Session-Expires', 'Min-SE'].map((name) => invites.map((text) => headerOf(text, name)))
    expect(shown).to.deep.equal([
      ['1 INVITE', '2 INVITE'],
      ['600', '1800'],
      [undefined, '1800'],
    ])
    for (const name of ['Call-ID', 'From', 'To', 'Contact']) {
      expect(headerOf(invites[1] ?? '', name)).to.equal(headerOf(invites[0] ?? '', name))
    }
    expect(header(bob, '422', 'Min-SE')).to.equal('1800')
    expect(bob.calls).to.have.length(1)
    await stage.leap(900_000)
    expect(header(alice, 'UPDATE', 'Min-SE')).to.equal('1800')
  })

  it('end a session whose refresh nobody answers, with BYE (§10)', async () => {
    await stations(half)
    const { caller, callee } = await talking()
    stage.network.lose = (bytes) => Buffer.from(bytes).toString('latin1', 0, 6) === 'UPDATE'
    await stage.leap(933_000)
    expect(await caller.ended).to.include({ by: 'failed' })
    expect((await caller.ended).text).to.match(/^UPDATE: 408/)
    expect(await callee.ended).to.deep.equal({ by: 'remote' })
    expect(stage.ladder.slice(-2)).to.deep.equal(['932000 alice BYE', '932000 bob 200'])
  })

  it('begin anew with a re-INVITE of a service, which says them too (§7.4)', async () => {
    await stations(half)
    const { callee } = await talking({}, { reinvite: () => Promise.resolve({ status: 200 }) })
    await stage.leap(600_000)
    expect((await callee.request('INVITE')).status).to.equal(200)
    expect(header(bob, 'INVITE', 'Session-Expires')).to.equal('1800;refresher=uas')
    expect(header(alice, '200', 'Session-Expires')).to.equal('1800;refresher=uas')
    await stage.leap(899_000)
    expect(texts(alice, 'out', 'UPDATE')).to.be.empty
    await stage.leap(1000)
    expect(stage.ladder.slice(-2)).to.deep.equal(['1500000 alice UPDATE', '1500000 bob 200'])
  })

  it('are asked for again by a service that says its own Session-Expires', async () => {
    await stations(half)
    const { caller } = await talking()
    const headers = [{ name: 'Session-Expires', value: '600;refresher=uas' }]
    await caller.request('UPDATE', { headers })
    expect(header(bob, '200', 'Session-Expires', -1)).to.equal('600;refresher=uas')
    await stage.leap(300_000)
    expect(stage.ladder.slice(-2)).to.deep.equal(['300000 bob UPDATE', '300000 alice 200'])
  })

  it('send no refresh while a BYE waits for its answer, whosever it is', async () => {
    await stations(half)
    const { caller, callee } = await talking({ bye: () => new Promise<void>(() => undefined) })
    await stage.leap(899_000)
    void caller.bye()
    await stage.leap(5000)
    expect(await callee.ended).to.deep.equal({ by: 'remote' })
    const back = await talking({}, { bye: () => new Promise<void>(() => undefined) })
    await stage.leap(899_000)
    void back.callee.bye()
    await stage.leap(5000)
    expect(texts(alice, 'out', 'UPDATE')).to.be.empty
    expect(said(alice, 'sip.session-not-refreshed')).to.be.empty
  })

  it('stop with the session', async () => {
    await stations(half)
    const { caller } = await talking()
    await caller.bye()
    await stage.leap(hour)
    expect(texts(alice, 'out', 'UPDATE')).to.be.empty
    expect(said(bob, 'sip.session-expired')).to.be.empty
  })
})
