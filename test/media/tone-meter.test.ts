import { expect } from 'chai'
import { decode, encode } from '../../src/media/g711.ts'
import { ToneMeter, type Tone } from '../../src/media/tone-meter.ts'
import { readWav } from '../../src/media/wav.ts'
import { readFileSync } from 'node:fs'

const sine = (hz: number, ms: number, amplitude = 6000): Int16Array =>
  Int16Array.from({ length: ms * 8 }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / 8000)))

function heard(pcm: Int16Array): readonly Tone[] {
  const meter = new ToneMeter()
  const tones: Tone[] = []
  for (let at = 0; at + 160 <= pcm.length; at += 160) {
    const tone = meter.push(pcm.subarray(at, at + 160))
    if (tone !== undefined) tones.push(tone)
  }
  return tones
}

const joined = (...parts: readonly Int16Array[]): Int16Array => Int16Array.from(parts.flatMap((p) => [...p]))
const silence = (ms: number): Int16Array => new Int16Array(ms * 8)

describe('tone meter', () => {
  for (const hz of [440, 1000, 1400, 2000]) {
    it(`hears a tone of ${hz} Hz through G.711, once it has ended`, () => {
      const [tone, ...more] = heard(decode('PCMU', encode('PCMU', joined(silence(200), sine(hz, 400), silence(200)))))
      expect(more).to.deep.equal([])
      expect(tone?.frequencyHz).to.be.closeTo(hz, hz * 0.01)
      expect(tone?.ms).to.be.closeTo(400, 20)
    })
  }

  it('takes two tones in a row for two', () => {
    expect(heard(joined(sine(1000, 300), sine(1400, 300), silence(40))).map((t) => t.frequencyHz)).to.deep.equal([
      1000, 1400,
    ])
  })

  it('does not hear a tone that is too short, or too quiet', () => {
    expect(heard(joined(sine(1000, 160), silence(100)))).to.deep.equal([])
    expect(heard(joined(sine(1000, 400, 100), silence(100)))).to.deep.equal([])
  })

  it('is not fooled by speech, nor by two sines at once', () => {
    const speech = readWav(readFileSync('scenarios/audio/greeting-standard-1001.wav')).samples
    const dual = sine(697, 400).map((x, n) => x + (sine(1209, 400)[n] ?? 0))
    expect(heard(speech)).to.deep.equal([])
    expect(heard(joined(dual, silence(100)))).to.deep.equal([])
  })
})
