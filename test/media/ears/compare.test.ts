import { expect } from 'chai'
import { compare } from '../../../src/media/ears/compare.ts'
import { beep } from '../../../src/media/ears/tone.ts'
import { around, firstPart, g711, impair, joined, level, loss, noisy, silence } from '../../support/impair.ts'
import { recording } from './recordings.ts'

const said = recording('message-anna')
const second = [16_000, 24_000] as const

describe('comparison of a recording with what was said', () => {
  for (const codec of ['PCMU', 'PCMA'] as const) {
    it(`takes a recording that begins 2 s earlier for the same message after ${codec}`, () => {
      const recorded = impair(said, codec, around(silence(2000), silence(700)), g711(codec))
      const { delayMs, correlation, missingMs, durationDifferenceMs } = compare(said, recorded)
      expect(delayMs).to.equal(2000)
      expect(correlation).to.be.at.least(0.98)
      expect(missingMs).to.equal(0)
      expect(durationDifferenceMs).to.be.closeTo(0, 20)
    })
  }

  it('takes a recording that begins 2 s later for the same message', () => {
    const { delayMs, correlation } = compare(joined(silence(2000), said), said)
    expect(delayMs).to.equal(-2000)
    expect(correlation).to.be.at.least(0.99)
  })

  it('bears the end of the beep, 2 % of packets lost and noise 20 dB under the message', () => {
    const line = [loss(0.02, 'silence'), noisy(20), around(joined(beep(1000, 60), silence(300)), silence(0))]
    const { delayMs, correlation } = compare(said, impair(said, 'line', ...line, g711('PCMA')))
    expect(delayMs).to.equal(360)
    expect(correlation).to.be.at.least(0.9)
  })

  it('takes a tone of 2 kHz for the same, which a look at low frequencies alone does not see', () => {
    const tone = beep(2000, 1500)
    const { delayMs, correlation, missingMs } = compare(tone, joined(new Int16Array(333), tone, silence(400)))
    expect(delayMs).to.equal(333 / 8)
    expect(correlation).to.be.at.least(0.99)
    expect(missingMs).to.equal(0)
  })

  it('finds a message anywhere in a long recording', () => {
    const { delayMs, correlation } = compare(said, joined(recording('message-carl'), silence(20_001), said))
    expect(delayMs).to.equal(recording('message-carl').length / 8 + 20_001)
    expect(correlation).to.be.at.least(0.99)
  })

  it('measures the level', () => {
    const { levelDifferenceDb, correlation } = compare(said, impair(said, 'level', level(-6), g711('PCMA')))
    expect(levelDifferenceDb).to.be.closeTo(-6, 0.3)
    expect(correlation).to.be.at.least(0.98)
  })

  it('finds a second that fell silent in the middle', () => {
    const recorded = impair(said.slice().fill(0, ...second), 'gone', g711('PCMA'))
    const { correlation, missingMs, durationDifferenceMs } = compare(said, recorded)
    expect(correlation).to.be.below(0.85)
    expect(missingMs).to.be.within(800, 1100)
    expect(durationDifferenceMs).to.be.closeTo(0, 20)
  })

  it('finds a second that was cut out, and does not count what moved as missing', () => {
    const recorded = joined(said.slice(0, second[0]), said.slice(second[1]))
    const { correlation, missingMs, durationDifferenceMs } = compare(said, recorded)
    expect(correlation).to.be.below(0.85)
    expect(missingMs).to.be.within(800, 1100)
    expect(durationDifferenceMs).to.be.closeTo(-1000, 20)
  })

  it('finds the end that was not recorded', () => {
    const { correlation, missingMs, durationDifferenceMs } = compare(said, impair(said, 'end', firstPart(0.7)))
    expect(correlation).to.be.below(0.85)
    expect(missingMs).to.be.closeTo(0.3 * 5000, 250)
    expect(durationDifferenceMs).to.be.closeTo(-0.3 * 5000, 250)
  })

  for (const other of ['message-carl', 'greeting-standard-1001', 'greeting-oof-1001']) {
    it(`does not take ${other} for the message`, () => {
      const { correlation, missingMs } = compare(said, recording(other))
      expect(correlation).to.be.below(0.3)
      expect(missingMs).to.be.at.least(4000)
    })
  }

  it('does not take noise or a tone for the message', () => {
    const hiss = impair(said, 'hiss', noisy(-30))
    expect(compare(said, hiss).correlation).to.be.below(0.3)
    expect(compare(said, beep(1000, 6000)).correlation).to.be.below(0.3)
  })

  it('finds all missing in silence and in nothing', () => {
    for (const recorded of [silence(6000), new Int16Array(0)]) {
      const { delayMs, correlation, missingMs, levelDifferenceDb } = compare(said, recorded)
      expect([delayMs, correlation, levelDifferenceDb]).to.deep.equal([0, 0, 0])
      expect(missingMs).to.be.at.least(4000)
    }
  })

  it('has nothing to miss when nothing was said', () => {
    const { correlation, missingMs, durationDifferenceMs } = compare(new Int16Array(0), said)
    expect([correlation, missingMs]).to.deep.equal([0, 0])
    expect(durationDifferenceMs).to.be.above(4000)
  })
})
