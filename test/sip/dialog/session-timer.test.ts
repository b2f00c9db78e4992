import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import * as sessionTimer from '../../../src/sip/dialog/session-timer.ts'
import { rfcTimers } from '../../../src/sip/transaction/timers.ts'
import { runMachine, type MachineRun } from '../../support/run-machine.ts'

const begin = (): sessionTimer.Step => [sessionTimer.begin(rfcTimers), []]

describe('session timer (RFC 4028 §10)', () => {
  let clock: ManualClock
  let run: MachineRun<sessionTimer.Event>
  beforeEach(() => {
    clock = new ManualClock()
    run = runMachine({ ...sessionTimer, begin }, clock, true)
  })

  const agreed = (seconds: number, refresher: 'local' | 'remote'): sessionTimer.Event => ({
    type: 'agreed',
    seconds,
    refresher,
  })
  const refused = (againMs?: number): sessionTimer.Event => ({
    type: 'refused',
    ...(againMs === undefined ? {} : { againMs }),
  })

  it('stands still until a 2xx names an interval', () => {
    run.feed(refused(), { type: 'none' })
    clock.advance(100_000_000)
    expect([run.state(), run.log, run.running()]).to.deep.equal(['off', [], []])
  })

  it('refreshes at half the interval where it is ours to do', () => {
    run.feed(agreed(1800, 'local'))
    clock.advance(900_000)
    expect([run.state(), run.log]).to.deep.equal(['refreshing', ['900000 send-refresh']])
  })

  it('refreshes every half interval for hours', () => {
    run.feed(agreed(1800, 'local'))
    for (let i = 1; i <= 12; i++) {
      clock.advance(900_000)
      run.feed(agreed(1800, 'local'))
    }
    expect(run.log).to.deep.equal(Array.from({ length: 12 }, (_, i) => `${(i + 1) * 900_000} send-refresh`))
  })

  const ends = [
    [90, 60_000],
    [96, 64_000],
    [99, 67_000],
    [120, 88_000],
    [1800, 1_768_000],
  ] as const
  for (const [seconds, at] of ends) {
    it(`ends a session of ${seconds} s after ${at / 1000} s without a refresh: 32 s or a third before`, () => {
      run.feed(agreed(seconds, 'remote'))
      clock.advance(at - 1)
      expect(run.log).to.deep.equal([])
      clock.advance(1)
      expect([run.state(), run.log, run.running()]).to.deep.equal(['terminated', [`${at} expire`], []])
    })
  }

  it('takes an interval under 90 s for one of 90 s (RFC 4028 §4)', () => {
    run.feed(agreed(0, 'local'))
    clock.advance(1_000_000)
    expect(run.log).to.deep.equal(['45000 send-refresh', '60000 expire'])
  })

  it('begins anew with each 2xx, with its interval and its refresher', () => {
    run.feed(agreed(1800, 'local'))
    clock.advance(800_000)
    run.feed(agreed(600, 'remote'))
    clock.advance(567_999)
    expect([run.log, run.running()]).to.deep.equal([[], ['expiry']])
    clock.advance(1)
    expect(run.log).to.deep.equal(['1368000 expire'])
  })

  it('is switched off by a 2xx that names no interval (RFC 4028 §7.2)', () => {
    run.feed(agreed(1800, 'local'), { type: 'none' })
    clock.advance(10_000_000)
    expect([run.state(), run.log, run.running()]).to.deep.equal(['off', [], []])
  })

  it('leaves the end where it was when a refresh is refused, and tells once that it is not tried again', () => {
    run.feed(agreed(1800, 'local'))
    clock.advance(900_000)
    run.feed(refused(), refused())
    clock.advance(900_000)
    expect(run.log).to.deep.equal(['900000 send-refresh', '900000 report-refused', '1768000 expire'])
  })

  it('ends also while its own refresh has no answer', () => {
    run.feed(agreed(90, 'local'))
    clock.advance(100_000)
    run.feed(refused(0), agreed(90, 'local'))
    clock.advance(100_000)
    expect(run.log).to.deep.equal(['45000 send-refresh', '60000 expire'])
  })

  it('refreshes again when it may, ten times at most', () => {
    run.feed(agreed(1800, 'local'))
    clock.advance(900_000)
    for (let i = 0; i < 12; i++) {
      run.feed(refused(2000))
      clock.advance(2000)
    }
    const sent = run.log.filter((line) => line.endsWith('send-refresh'))
    expect([sent.length, sent[1], run.log.at(-1)]).to.deep.equal([10, '902000 send-refresh', '918000 report-refused'])
  })

  it('counts its tries anew after a 2xx', () => {
    run.feed(agreed(1800, 'local'))
    clock.advance(900_000)
    for (let i = 0; i < 8; i++) {
      run.feed(refused(1000))
      clock.advance(1000)
    }
    run.feed(agreed(1800, 'local'))
    clock.advance(900_000)
    run.feed(refused(1000))
    expect(run.log).to.not.include('1808000 report-refused')
    expect(run.running()).to.have.members(['refresh', 'expiry'])
  })
})
