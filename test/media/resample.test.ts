import { expect } from 'chai'
import { levelDbov } from '../../src/media/level.ts'
import { resampleTo8k } from '../../src/media/wav.ts'

const tone = (rate: number, hz: number, seconds = 0.5): Int16Array =>
  Int16Array.from({ length: rate * seconds }, (_, n) => Math.round(16_000 * Math.sin((2 * Math.PI * hz * n) / rate)))
/** Without the ends, where the filter reaches past the samples. */
const middle = (pcm: Int16Array): Int16Array => pcm.subarray(400, pcm.length - 400)

describe('resampling to 8 kHz', () => {
  for (const rate of [11_025, 16_000, 44_100, 48_000]) {
    it(`keeps a 1 kHz tone from ${rate} Hz in shape, place and length`, () => {
      const [got, wanted] = [resampleTo8k(tone(rate, 1000), rate), tone(8000, 1000)]
      expect(got.length).to.be.closeTo(wanted.length, 1)
      const difference = middle(got).map((sample, i) => sample - middle(wanted)[i]!)
      expect(levelDbov(difference)).to.be.lessThan(levelDbov(wanted) - 60)
    })

    it(`keeps 3400 Hz from ${rate} Hz within 0.5 dB`, () => {
      const got = levelDbov(middle(resampleTo8k(tone(rate, 3400), rate)))
      expect(got).to.be.closeTo(levelDbov(tone(8000, 3400)), 0.5)
    })
  }

  it('takes out what would fold back from above 4 kHz', () => {
    expect(levelDbov(middle(resampleTo8k(tone(48_000, 5000), 48_000)))).to.be.lessThan(-65)
    expect(levelDbov(middle(resampleTo8k(tone(16_000, 4400), 16_000)))).to.be.lessThan(-55)
  })

  it('keeps a constant level, and goes up as well as down', () => {
    expect(
      middle(resampleTo8k(new Int16Array(12_000).fill(1000), 48_000)).every((s) => Math.abs(s - 1000) <= 1),
    ).to.equal(true)
    const up = resampleTo8k(tone(6000, 500), 6000)
    expect(levelDbov(middle(up))).to.be.closeTo(levelDbov(tone(8000, 500)), 0.05)
  })

  it('clips rather than wraps', () => {
    const square = Int16Array.from({ length: 4800 }, (_, n) => (n % 96 < 48 ? 32_767 : -32_768))
    const got = resampleTo8k(square, 48_000)
    expect(got.subarray(209, 215).every((sample) => sample > 25_000)).to.equal(true)
    expect(got.subarray(217, 223).every((sample) => sample < -25_000)).to.equal(true)
    expect(Math.max(...got)).to.equal(32_767)
  })

  it('leaves 8 kHz and nothing as they are', () => {
    expect(resampleTo8k(Int16Array.of(1, 2, 3), 8000)).to.deep.equal(Int16Array.of(1, 2, 3))
    expect(resampleTo8k(new Int16Array(0), 44_100)).to.have.length(0)
  })
})
