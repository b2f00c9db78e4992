import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import * as nonInviteServer from '../../../src/sip/transaction/non-invite-server.ts'
import { runMachine, type MachineRun } from '../../support/run-machine.ts'

describe('non-INVITE server transaction (RFC 3261 §17.2.2)', () => {
  let clock: ManualClock
  beforeEach(() => {
    clock = new ManualClock()
  })
  const run = (reliable: boolean): MachineRun<nonInviteServer.Event> => runMachine(nonInviteServer, clock, reliable)
  const respond = (status: number): nonInviteServer.Event => ({ type: 'respond', status })
  const again: nonInviteServer.Event = { type: 'request' }

  it('discards a repeated request while there is no response', () => {
    const tx = run(false)
    tx.feed(again)
    expect(tx.log).to.deep.equal(['0 pass-request'])
    expect(tx.state()).to.equal('trying')
  })

  it('answers a repeated request with the last response, provisional or final', () => {
    const tx = run(false)
    tx.feed(respond(100), again, respond(200), again)
    expect(tx.log.slice(1)).to.deep.equal(Array(4).fill('0 send-response'))
  })

  it('sends no response after the final one', () => {
    const tx = run(false)
    tx.feed(respond(200), respond(500), respond(100))
    expect(tx.log).to.deep.equal(['0 pass-request', '0 send-response'])
  })

  it('ends 64*T1 after the final response on an unreliable transport (timer J)', () => {
    const tx = run(false)
    tx.feed(respond(200))
    clock.advance(31_999)
    expect(tx.state()).to.equal('completed')
    clock.advance(1)
    expect(tx.state()).to.equal('terminated')
    tx.feed(again)
    expect(tx.log).to.deep.equal(['0 pass-request', '0 send-response'])
  })

  it('ends at once after the final response on a reliable transport (timer J of zero)', () => {
    const tx = run(true)
    tx.feed(respond(200))
    clock.advance(0)
    expect(tx.state()).to.equal('terminated')
  })

  it('reports a transport error and ends', () => {
    for (const before of [[], [respond(100)], [respond(200)]]) {
      const tx = run(false)
      tx.feed(...before, { type: 'transport-error' })
      expect(tx.log.at(-1)).to.equal('0 report-transport-error')
      expect(tx.state()).to.equal('terminated')
      expect(tx.running()).to.deep.equal([])
    }
  })
})
