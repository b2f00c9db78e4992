import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import * as inviteServer from '../../../src/sip/transaction/invite-server.ts'
import { runMachine, type MachineRun } from '../../support/run-machine.ts'

describe('INVITE server transaction (RFC 3261 §17.2.1, RFC 6026)', () => {
  let clock: ManualClock
  beforeEach(() => {
    clock = new ManualClock()
  })
  const run = (reliable: boolean): MachineRun<inviteServer.Event> => runMachine(inviteServer, clock, reliable)
  const respond = (status: number): inviteServer.Event => ({ type: 'respond', status })
  const invite: inviteServer.Event = { type: 'request', method: 'INVITE' }
  const ack: inviteServer.Event = { type: 'request', method: 'ACK' }

  it('passes the INVITE up once and answers a repeated one with the last provisional response', () => {
    const tx = run(false)
    tx.feed(invite)
    expect(tx.log).to.deep.equal(['0 pass-request'])
    tx.feed(respond(100), invite, respond(180), invite)
    expect(tx.log.slice(1)).to.deep.equal(Array(4).fill('0 send-response'))
    expect(tx.state()).to.equal('proceeding')
  })

  it('retransmits a 486 doubling up to T2 and reports the missing ACK at 64*T1 on an unreliable transport (timers G and H)', () => {
    const tx = run(false)
    tx.feed(respond(486))
    clock.advance(40_000)
    expect(tx.log.slice(1)).to.deep.equal([
      ...[0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500].map((at) => `${at} send-response`),
      '32000 report-timeout',
    ])
    expect(tx.state()).to.equal('terminated')
    expect(tx.running()).to.deep.equal([])
  })

  it('sends a 486 once on a reliable transport, and still reports the missing ACK (timer H)', () => {
    const tx = run(true)
    tx.feed(respond(486))
    clock.advance(40_000)
    expect(tx.log).to.deep.equal(['0 pass-request', '0 send-response', '32000 report-timeout'])
  })

  it('answers a repeated INVITE with the final response until the ACK, and sends no second one', () => {
    const tx = run(true)
    tx.feed(respond(486), invite, respond(500), respond(200))
    expect(tx.log).to.deep.equal(['0 pass-request', '0 send-response', '0 send-response'])
    expect(tx.state()).to.equal('completed')
  })

  it('stops on ACK, then absorbs for T4 on an unreliable transport (timer I)', () => {
    const tx = run(false)
    tx.feed(respond(486), ack, ack, invite, respond(486), { type: 'transport-error' })
    expect(tx.log).to.deep.equal(['0 pass-request', '0 send-response'])
    expect(tx.running()).to.deep.equal(['I'])
    clock.advance(4999)
    expect(tx.state()).to.equal('confirmed')
    clock.advance(1)
    expect(tx.state()).to.equal('terminated')
    expect(tx.log).to.have.length(2)
  })

  it('ends at once on ACK on a reliable transport (timer I of zero)', () => {
    const tx = run(true)
    tx.feed(respond(603), ack)
    clock.advance(0)
    expect(tx.state()).to.equal('terminated')
  })

  for (const reliable of [false, true]) {
    it(`absorbs INVITEs, sends each 2xx of the core and passes ACKs until timer L (${reliable ? 'reliable' : 'unreliable'})`, () => {
      const tx = run(reliable)
      tx.feed(respond(200), invite, respond(200), respond(486), ack)
      clock.advance(31_999)
      expect(tx.log).to.deep.equal(['0 pass-request', '0 send-response', '0 send-response', '0 pass-ack'])
      expect(tx.state()).to.equal('accepted')
      clock.advance(1)
      expect(tx.state()).to.equal('terminated')
    })
  }

  it('reports a transport error and goes on, in each state that sends (RFC 6026 §7.1)', () => {
    for (const before of [[], [respond(180)], [respond(200)], [respond(486)]]) {
      const tx = run(false)
      tx.feed(...before)
      const state = tx.state()
      tx.feed({ type: 'transport-error' })
      expect(tx.log.at(-1)).to.equal(`${clock.now()} report-transport-error`)
      expect(tx.state()).to.equal(state)
    }
  })

  it('ignores an ACK before any final response', () => {
    const tx = run(false)
    tx.feed(respond(180), ack)
    expect(tx.log).to.deep.equal(['0 pass-request', '0 send-response'])
  })
})
