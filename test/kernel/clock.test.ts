import { expect } from 'chai'
import { ManualClock, systemClock } from '../../src/kernel/clock.ts'

describe('ManualClock', () => {
  it('stands still until it is advanced, and its wall begins at 2026-01-01', () => {
    const clock = new ManualClock()
    expect([clock.now(), clock.wall()]).to.deep.equal([0, Date.UTC(2026, 0, 1)])
    clock.advance(1500)
    expect([clock.now(), clock.wall()]).to.deep.equal([1500, Date.UTC(2026, 0, 1) + 1500])
  })

  it('runs what is due in order of time, equal times in order of asking, each at its own time', () => {
    const clock = new ManualClock()
    const log: string[] = []
    for (const [name, ms] of [
      ['late', 30],
      ['first', 10],
      ['second', 10],
    ] as const) {
      clock.after(ms, () => log.push(`${clock.now()} ${name}`))
    }
    clock.advance(20)
    expect(log).to.deep.equal(['10 first', '10 second'])
    clock.advance(10)
    expect(log).to.deep.equal(['10 first', '10 second', '30 late'])
  })

  it('runs what a task asks for while time passes', () => {
    const clock = new ManualClock()
    const times: number[] = []
    const again = (): void => {
      times.push(clock.now())
      if (times.length < 3) clock.after(10, again)
    }
    clock.after(10, again)
    clock.advance(100)
    expect(times).to.deep.equal([10, 20, 30])
  })

  it('forgets what is cancelled, also from within another task', () => {
    const clock = new ManualClock()
    const log: string[] = []
    const cancel = clock.after(20, () => log.push('cancelled'))
    clock.after(10, cancel)
    clock.advance(50)
    expect(log).to.deep.equal([])
  })

  it('never goes back: a wait of less than nothing is none, and time may pass within a task', () => {
    const clock = new ManualClock()
    const times: number[] = []
    clock.advance(100)
    clock.after(-50, () => times.push(clock.now()))
    clock.after(10, () => clock.advance(1000))
    clock.advance(20)
    times.push(clock.now())
    expect(times).to.deep.equal([100, 1110])
  })
})

describe('systemClock', () => {
  it('calls back once, and does not before the time is up', async () => {
    const before = systemClock.now()
    await new Promise<void>((resolve) => void systemClock.after(5, resolve))
    expect(systemClock.now() - before).to.be.at.least(4)
  })

  it('does not fire a wait longer than 24.8 days at once, as a timer of Node does', async () => {
    const log: string[] = []
    const cancel = systemClock.after(2 ** 31 + 1000, () => log.push('fired'))
    await new Promise<void>((resolve) => void systemClock.after(5, resolve))
    cancel()
    expect(log).to.deep.equal([])
  })

  it('tells the date', () => {
    expect(systemClock.wall()).to.be.closeTo(Date.now(), 1000)
  })
})
