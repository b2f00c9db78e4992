import { expect } from 'chai'
import { seededRandom } from '../../../src/kernel/random.ts'
import { beep, findTones } from '../../../src/media/ears/tone.ts'
import { levelDbov } from '../../../src/media/level.ts'
import { g711, impair, joined, loss, noise, noisy, silence } from '../../support/impair.ts'
import { recording, recordings } from './recordings.ts'

const added = (a: Int16Array, b: Int16Array): Int16Array => a.map((sample, i) => sample + (b[i] ?? 0))

describe('beep', () => {
  it('has the length and level asked for', () => {
    expect(beep()).to.have.length(3200)
    expect(levelDbov(beep())).to.be.closeTo(-15, 0.2)
    expect(levelDbov(beep(440, 1000, -30))).to.be.closeTo(-30, 0.1)
  })

  it('rises and falls within 5 ms', () => {
    const tone = beep(1000, 200, -10)
    for (const edge of [tone.subarray(0, 8), tone.subarray(-8)]) expect(levelDbov(edge)).to.be.below(-24)
    expect(levelDbov(tone.subarray(40, 80))).to.be.closeTo(-10, 0.1)
  })

  it('does not wrap around at full scale', () => {
    expect(Math.max(...beep(1000, 100, 0))).to.equal(32_767)
  })
})

describe('tones in what was heard', () => {
  for (const hz of [440, 1000, 1400, 2000]) {
    it(`finds a beep of ${hz} Hz between greeting and message`, () => {
      const heard = joined(recording('greeting-system'), beep(hz, 400, -20), recording('message-anna'))
      const tones = findTones(impair(heard, `line ${hz}`, loss(0.01, 'silence'), g711('PCMA')))
      expect(tones).to.have.length(1)
      const start = recording('greeting-system').length / 8
      expect(tones[0]?.frequencyHz).to.be.closeTo(hz, 2)
      expect(tones[0]?.fromMs).to.be.closeTo(start, 15)
      expect(tones[0]?.toMs).to.be.closeTo(start + 400, 15)
      expect(tones[0]?.levelDbov).to.be.closeTo(-20, 1)
    })
  }

  it('finds a beep in noise 15 dB under it', () => {
    const tones = findTones(impair(joined(beep(), silence(400)), 'noise', noisy(15)))
    expect(tones.map(({ frequencyHz }) => Math.round(frequencyHz / 10))).to.deep.equal([100])
  })

  it('finds two beeps apart from each other, and two frequencies in a row', () => {
    const heard = joined(beep(1000, 200), silence(200), beep(1000, 200), beep(1400, 200))
    expect(findTones(heard).map(({ frequencyHz }) => Math.round(frequencyHz))).to.deep.equal([1000, 1000, 1400])
  })

  it('finds a beep that a lost packet interrupts once', () => {
    const tone = beep(1000, 400)
    tone.fill(0, 1600, 1760)
    expect(findTones(joined(silence(100), tone))).to.have.length(1)
  })

  it('leaves out what is shorter than 150 ms', () => {
    expect(findTones(joined(silence(200), beep(1000, 155), silence(200)))).to.have.length(1)
    expect(findTones(joined(silence(200), beep(1000, 120), silence(200)))).to.deep.equal([])
  })

  for (const { name, pcm } of recordings) {
    it(`finds none in ${name}`, () => {
      expect(findTones(impair(pcm, name, g711('PCMU')))).to.deep.equal([])
    })
  }

  it('finds none in silence, noise, two tones at once and a tone that glides', () => {
    const glide = new Int16Array(8000).map(
      (_, i) => 8000 * Math.sin(2 * Math.PI * ((500 * i) / 8000 + (i / 8000) ** 2 * 500)),
    )
    expect(findTones(silence(2000))).to.deep.equal([])
    expect(findTones(noise(3000, -20, seededRandom('white')))).to.deep.equal([])
    expect(findTones(added(beep(440, 1000, -20), beep(480, 1000, -20)))).to.deep.equal([])
    expect(findTones(added(beep(697, 300, -20), beep(1209, 300, -20)))).to.deep.equal([])
    expect(findTones(glide)).to.deep.equal([])
  })
})
