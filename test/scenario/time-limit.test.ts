import { expect } from 'chai'
import { ManualClock } from '../../src/kernel/clock.ts'
import type { Found } from '../../src/scenario/checks.ts'
import { TimeLimit } from '../../src/scenario/time-limit.ts'
import { settled } from '../support/fake-sip.ts'

const minute = 60_000
const passed: Found = { verdict: 'passed' }

describe('the time that a scenario may take', () => {
  let clock: ManualClock
  let limit: TimeLimit
  beforeEach(() => {
    clock = new ManualClock(Date.UTC(2026, 2, 28, 15))
    limit = new TimeLimit(clock, 10 * minute)
  })

  /** What came of it by now. */
  const soFar = async (task: Promise<Found>): Promise<Found | 'going on'> => {
    let found: Found | 'going on' = 'going on'
    void task.then((it) => (found = it))
    await settled()
    return found
  }

  it('runs from the beginning, and is never less than none', () => {
    clock.advance(4 * minute)
    expect(limit.left).to.equal(6 * minute)
    clock.advance(7 * minute)
    expect(limit.left).to.equal(0)
  })

  it('lets time pass', async () => {
    const task = limit.pass(10 * minute)
    clock.advance(10 * minute - 1)
    expect(await soFar(task)).to.equal('going on')
    clock.advance(1)
    expect(await task).to.deep.equal(passed)
  })

  it('fails at once when more is to pass than is left', async () => {
    clock.advance(9 * minute)
    expect(await limit.pass(2 * minute)).to.deep.equal({
      verdict: 'failed',
      expected: 'an end within 10 min',
      observed: '2 min more were to pass',
    })
  })

  it('ends what is not over, and leaves nothing waiting behind what is', async () => {
    expect(await limit.within(Promise.resolve(passed))).to.equal(passed)
    expect(clock.due).to.equal(undefined)
    const endless = limit.within(new Promise(() => undefined))
    clock.advance(10 * minute)
    expect(await endless).to.deep.include({ verdict: 'failed', observed: 'it was not over' })
  })

  it('rejects with what breaks', async () => {
    const thrown = await limit.within(Promise.reject(new Error('broken'))).catch((error: unknown) => error)
    expect(thrown).to.have.property('message', 'broken')
  })

  it('waits until the wall clock says so, whatever the offset', async () => {
    const task = limit.until('2026-03-28T16:05:00+01:00')
    clock.advance(5 * minute - 1)
    expect(await soFar(task)).to.equal('going on')
    clock.advance(1)
    expect(await task).to.deep.equal(passed)
    expect(await soFar(limit.until('2026-03-28T15:05:00Z')), 'the same moment').to.equal('going on')
    clock.advance(0)
    expect((await limit.until('2026-03-28T15:16:00Z')).observed).to.equal('11 min more were to pass')
  })

  for (const [moment, now] of [
    ['2026-03-28T15:59:00+01:00', '2026-03-28T16:00:00+01:00'],
    ['2026-03-28T11:29:59-03:30', '2026-03-28T11:30:00-03:30'],
    ['2026-03-28T14:59:59Z', '2026-03-28T15:00:00Z'],
  ] as const) {
    it(`says when ${moment} is past, and what time it is there`, async () => {
      expect(await limit.until(moment)).to.deep.equal({
        verdict: 'failed',
        expected: `to wait until ${moment}`,
        observed: `it is ${now} already`,
      })
    })
  }
})
