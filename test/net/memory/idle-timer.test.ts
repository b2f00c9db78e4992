import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { IdleTimer } from '../../../src/net/memory/idle-timer.ts'

describe('an idle timer', () => {
  let clock: ManualClock
  let fired: number[]
  let timer: IdleTimer

  beforeEach(() => {
    clock = new ManualClock()
    fired = []
    timer = new IdleTimer(clock, 100, () => fired.push(clock.now()))
  })

  it('fires once when nothing was touched for its time', () => {
    clock.advance(1000)
    expect(fired).to.deep.equal([100])
  })

  it('begins anew with each touch', () => {
    clock.advance(60)
    timer.touch()
    clock.advance(90)
    timer.touch()
    clock.advance(1000)
    expect(fired).to.deep.equal([250])
  })

  it('keeps one timer however often it is touched', () => {
    for (let i = 0; i < 50; i++) timer.touch()
    clock.step()
    expect(clock.due).to.equal(undefined)
  })

  it('does not fire once stopped, also after it was moved on', () => {
    clock.advance(60)
    timer.touch()
    clock.advance(60)
    timer.stop()
    clock.advance(1000)
    expect([fired, clock.due]).to.deep.equal([[], undefined])
  })
})
