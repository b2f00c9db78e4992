import { expect } from 'chai'
import type { LabEvent } from '../../src/lab/events.ts'
import { eventCheck, hearCheck, noEventCheck } from '../../src/scenario/checks.ts'
import { Watch } from '../../src/scenario/watch.ts'
import { FakeLab } from '../support/fake-lab.ts'

class Trial {
  readonly lab = new FakeLab()
  readonly watch = new Watch(this.lab.clock)

  constructor() {
    this.watch.follow(this.lab.bus)
  }

  say(station: string, event: LabEvent): void {
    this.lab.bus.from(station)(event)
  }
}

const heard = (name: string, confidence = 0.97) => ({ name, fromMs: 0, toMs: 1000, confidence, coverage: 1 })

describe('hear', () => {
  it('passes when the greeting was heard, among others', () => {
    const { watch } = new Trial()
    expect(hearCheck('b', [heard('a'), heard('b', 0.934)], watch)).to.deep.equal({
      verdict: 'passed',
      observed: 'heard b (0.93)',
    })
  })

  it('fails with what was heard instead, or that it was nothing known, and who is at fault', () => {
    const { watch } = new Trial()
    expect(hearCheck('oof', [heard('standard', 0.93)], watch)).to.deep.include({
      verdict: 'failed',
      expected: 'oof',
      observed: 'heard standard (0.93)',
      station: 'voicemail',
    })
    expect(hearCheck('oof', [], watch).observed).to.equal('heard nothing that is known')
  })
})

describe('event', () => {
  const refusal = { type: 'voicemail.refused', callId: 'c', status: 403, text: 'wrong name' } as const
  const wanted = { type: 'voicemail.refused', within: 5000 }

  it('passes on one that has happened or comes in time, and tells it in one line', async () => {
    const trial = new Trial()
    const soon = eventCheck(wanted, trial.watch)
    trial.say('voicemail', refusal)
    const found = { verdict: 'passed', observed: 'voicemail voicemail.refused 403 wrong name', evidence: [1] }
    expect(await soon).to.deep.equal(found)
    expect(await eventCheck({ ...wanted, station: 'voicemail', with: { status: 403 } }, trial.watch)).to.deep.equal(
      found,
    )
  })

  it('fails after its time with the nearest miss', async () => {
    for (const miss of [{ station: 'sbc' }, { with: { status: 404 } }, { with: { nothing: true } }]) {
      const trial = new Trial()
      trial.say('voicemail', refusal)
      const checked = eventCheck({ ...wanted, ...miss }, trial.watch)
      trial.lab.clock.advance(5000)
      expect(await checked).to.deep.include({
        verdict: 'failed',
        observed: 'voicemail voicemail.refused 403 wrong name',
        evidence: [1],
      })
    }
  })

  it('tells the fields that were asked for, and of many misses how many and the last', async () => {
    const trial = new Trial()
    const attempt = (n: number): void =>
      trial.say('voicemail', { type: 'mail.attempt', id: 'd', attempt: n, outcome: 'deferred', text: 'later' })
    for (const n of [1, 2, 3, 4]) attempt(n)
    const asked = { type: 'mail.attempt', with: { attempt: 4, outcome: 'deferred' }, within: 5000 }
    const told = 'voicemail mail.attempt later attempt 4 outcome deferred'
    expect(await eventCheck(asked, trial.watch)).to.deep.include({ verdict: 'passed', observed: told })
    const missed = eventCheck({ ...asked, with: { attempt: 5, outcome: 'deferred' } }, trial.watch)
    trial.lab.clock.advance(5000)
    expect(await missed).to.deep.include({ observed: `4 happened, last: ${told}`, evidence: [1, 2, 3, 4] })
  })

  it('says so when none of that type happened', async () => {
    const trial = new Trial()
    const checked = eventCheck({ ...wanted, station: 'voicemail' }, trial.watch)
    trial.lab.clock.advance(5000)
    expect(await checked).to.deep.include({
      expected: 'voicemail to say voicemail.refused {}',
      observed: 'no voicemail.refused happened',
    })
  })
})

describe('no-event', () => {
  const broken = { type: 'lab.broken', text: 'x' } as const

  it('passes while none has happened, or only at another station', () => {
    const trial = new Trial()
    expect(noEventCheck({ type: 'lab.broken' }, trial.watch)).to.deep.equal({ verdict: 'passed' })
    trial.say('sbc', broken)
    expect(noEventCheck({ type: 'lab.broken', station: 'pbx' }, trial.watch).verdict).to.equal('passed')
  })

  it('fails with how many happened, the first of them and its station', () => {
    const trial = new Trial()
    for (const station of ['sbc', 'pbx']) trial.say(station, broken)
    expect(noEventCheck({ type: 'lab.broken' }, trial.watch)).to.deep.include({
      verdict: 'failed',
      expected: 'no lab.broken',
      observed: '2 happened, first: sbc lab.broken x',
      station: 'sbc',
      evidence: [1, 2],
    })
  })
})
