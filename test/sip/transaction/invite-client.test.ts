import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import * as inviteClient from '../../../src/sip/transaction/invite-client.ts'
import { rfcTimers } from '../../../src/sip/transaction/timers.ts'
import { runMachine, type MachineRun } from '../../support/run-machine.ts'

describe('INVITE client transaction (RFC 3261 §17.1.1, RFC 6026)', () => {
  let clock: ManualClock
  beforeEach(() => {
    clock = new ManualClock()
  })
  const run = (reliable: boolean): MachineRun<inviteClient.Event> => runMachine(inviteClient, clock, reliable)
  const response = (status: number): inviteClient.Event => ({ type: 'response', status })

  it('retransmits at T1, doubling, and gives up at 64*T1 on an unreliable transport (timers A and B)', () => {
    const tx = run(false)
    clock.advance(40_000)
    expect(tx.log).to.deep.equal([
      ...['0', '500', '1500', '3500', '7500', '15500', '31500'].map((at) => `${at} send-request`),
      '32000 report-timeout',
    ])
    expect(tx.state()).to.equal('terminated')
    expect(tx.running()).to.deep.equal([])
  })

  it('sends once and gives up at 64*T1 on a reliable transport (timer B)', () => {
    const tx = run(true)
    clock.advance(40_000)
    expect(tx.log).to.deep.equal(['0 send-request', '32000 report-timeout'])
  })

  it('takes its times from the table it is handed', () => {
    const tx = runMachine(inviteClient, clock, false, { ...rfcTimers, t1: 10 })
    clock.advance(1000)
    expect(tx.log.slice(0, 3)).to.deep.equal(['0 send-request', '10 send-request', '30 send-request'])
    expect(tx.log.at(-1)).to.equal('640 report-timeout')
  })

  it('neither retransmits nor gives up once a provisional response came, and passes each on', () => {
    const tx = run(false)
    clock.advance(600)
    tx.feed(response(100), response(180), response(183))
    clock.advance(200_000)
    expect(tx.log).to.deep.equal([
      '0 send-request',
      '500 send-request',
      '600 pass-response',
      '600 pass-response',
      '600 pass-response',
    ])
    expect(tx.state()).to.equal('proceeding')
  })

  it('answers every repeated 486 with an ACK until timer D of 32 s on an unreliable transport', () => {
    const tx = run(false)
    tx.feed(response(180), response(486), response(486), response(180))
    expect(tx.log.slice(2)).to.deep.equal(['0 send-ack', '0 pass-response', '0 send-ack'])
    clock.advance(31_999)
    expect(tx.state()).to.equal('completed')
    clock.advance(1)
    expect(tx.state()).to.equal('terminated')
  })

  it('ends at once after the ACK of a 486 on a reliable transport (timer D of zero)', () => {
    const tx = run(true)
    tx.feed(response(486))
    clock.advance(0)
    expect(tx.log).to.deep.equal(['0 send-request', '0 send-ack', '0 pass-response'])
    expect(tx.state()).to.equal('terminated')
  })

  for (const reliable of [false, true]) {
    it(`passes on each 2xx without an ACK until timer M of 64*T1 (${reliable ? 'reliable' : 'unreliable'})`, () => {
      const tx = run(reliable)
      tx.feed(response(200), response(200), response(486), response(180))
      expect(tx.log).to.deep.equal(['0 send-request', '0 pass-response', '0 pass-response'])
      clock.advance(31_999)
      expect(tx.state()).to.equal('accepted')
      clock.advance(1)
      expect(tx.state()).to.equal('terminated')
    })
  }

  it('reports a transport error before the final response, and one of the ACK', () => {
    const calling = run(false)
    calling.feed({ type: 'transport-error' })
    const completed = run(false)
    completed.feed(response(503), { type: 'transport-error' })
    for (const tx of [calling, completed]) {
      expect(tx.log.at(-1)).to.equal('0 report-transport-error')
      expect(tx.state()).to.equal('terminated')
      expect(tx.running()).to.deep.equal([])
    }
  })

  it('does nothing more once terminated', () => {
    const tx = run(false)
    tx.feed({ type: 'transport-error' })
    const { length } = tx.log
    tx.feed(response(200), { type: 'timer', name: 'A' }, { type: 'transport-error' })
    expect(tx.log).to.have.length(length)
  })
})
