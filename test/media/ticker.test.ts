import { expect } from 'chai'
import { ManualClock } from '../../src/kernel/clock.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { Ticker } from '../../src/media/ticker.ts'

describe('the 20 ms beat', () => {
  const manual = new ManualClock()
  let log: string[]
  let ticker: Ticker

  function begin(clock: Clock): void {
    log = []
    const begun = clock.now()
    const say = (what: string): void => void log.push(`${String(clock.now() - begun)} ${what}`)
    ticker = new Ticker(clock, {
      tick: () => say('tick'),
      skip: (ticks) => say(`skip ${String(ticks)}`),
      late: (ms) => say(`late ${String(ms)}`),
    })
    ticker.start()
  }

  /** A clock whose timers all fire `ms` late. */
  const lateBy = (ms: number): Clock => ({
    now: () => manual.now(),
    wall: () => manual.wall(),
    after: (wait, task) => manual.after(wait + ms, task),
  })

  afterEach(() => ticker.stop())

  it('does not drift when every timer is late', () => {
    begin(lateBy(7))
    manual.advance(1000)
    expect(log.slice(0, 3)).to.deep.equal(['27 tick', '47 tick', '67 tick'])
    expect(log).to.have.length(49)
  })

  it('lets sockets be read before it makes up for lost ticks', () => {
    const clock = lateBy(50)
    begin(clock)
    manual.advance(119)
    expect(log).to.deep.equal([])
    manual.advance(1)
    expect(log).to.deep.equal(['120 late 100', ...Array<string>(6).fill('120 tick')])
  })

  it('makes up for ten ticks and skips the others', () => {
    begin(lateBy(280))
    manual.advance(580)
    expect(log).to.deep.equal(['580 late 560', '580 skip 19', ...Array<string>(10).fill('580 tick')])
  })

  it('stands still once stopped, also within a tick', () => {
    begin(manual)
    manual.advance(45)
    ticker.stop()
    manual.advance(100)
    expect(log).to.deep.equal(['20 tick', '40 tick'])
  })
})
