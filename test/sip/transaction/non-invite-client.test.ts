import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import * as nonInviteClient from '../../../src/sip/transaction/non-invite-client.ts'
import { runMachine, type MachineRun } from '../../support/run-machine.ts'

describe('non-INVITE client transaction (RFC 3261 §17.1.2)', () => {
  let clock: ManualClock
  beforeEach(() => {
    clock = new ManualClock()
  })
  const run = (reliable: boolean): MachineRun<nonInviteClient.Event> => runMachine(nonInviteClient, clock, reliable)
  const response = (status: number): nonInviteClient.Event => ({ type: 'response', status })

  it('retransmits doubling up to T2 and gives up at 64*T1 on an unreliable transport (timers E and F)', () => {
    const tx = run(false)
    clock.advance(40_000)
    expect(tx.log).to.deep.equal([
      ...[0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500].map((at) => `${at} send-request`),
      '32000 report-timeout',
    ])
    expect(tx.state()).to.equal('terminated')
    expect(tx.running()).to.deep.equal([])
  })

  it('sends once and gives up at 64*T1 on a reliable transport (timer F)', () => {
    const tx = run(true)
    clock.advance(40_000)
    expect(tx.log).to.deep.equal(['0 send-request', '32000 report-timeout'])
  })

  it('retransmits every T2 after a provisional response, and still gives up at 64*T1', () => {
    const tx = run(false)
    clock.advance(400)
    tx.feed(response(100))
    clock.advance(40_000)
    expect(tx.log.slice(0, 4)).to.deep.equal([
      '0 send-request',
      '400 pass-response',
      '500 send-request',
      '4500 send-request',
    ])
    expect(tx.log.at(-1)).to.equal('32000 report-timeout')
  })

  it('passes on one final response and absorbs its repeats for T4 on an unreliable transport (timer K)', () => {
    const tx = run(false)
    tx.feed(response(100), response(200), response(200), { type: 'transport-error' })
    expect(tx.log).to.deep.equal(['0 send-request', '0 pass-response', '0 pass-response'])
    clock.advance(4999)
    expect(tx.state()).to.equal('completed')
    clock.advance(1)
    expect(tx.state()).to.equal('terminated')
    expect(tx.log).to.have.length(3)
  })

  it('ends at once after the final response on a reliable transport (timer K of zero)', () => {
    const tx = run(true)
    tx.feed(response(404))
    clock.advance(0)
    expect(tx.state()).to.equal('terminated')
  })

  it('reports a transport error and ends', () => {
    const tx = run(false)
    tx.feed(response(100), { type: 'transport-error' }, response(200), { type: 'timer', name: 'E' })
    expect(tx.log).to.deep.equal(['0 send-request', '0 pass-response', '0 report-transport-error'])
    expect(tx.state()).to.equal('terminated')
    expect(tx.running()).to.deep.equal([])
  })
})
