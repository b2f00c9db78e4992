import { expect } from 'chai'
import { pureFrames } from '../../../src/media/ears/pure.ts'
import { beep } from '../../../src/media/ears/tone.ts'
import { joined, silence } from '../../support/impair.ts'
import { recording } from './recordings.ts'

const framesOf = (pcm: Int16Array): readonly number[] => pureFrames(pcm).map(({ frame }) => frame)

describe('frames that a single tone fills', () => {
  it('are all found, wherever the tone begins and wherever it is interrupted', () => {
    const tone = joined(beep(1000, 150), silence(60), beep(1000, 100))
    const first = framesOf(joined(silence(100), tone, silence(300)))
    expect(first.length).to.be.above(15)
    for (let later = 1; later < 10; later++) {
      const found = framesOf(joined(silence(100 + 10 * later), tone, silence(300)))
      expect(found).to.deep.equal(first.map((frame) => frame + later))
    }
  })

  it('follow one another through a long tone, in order of time', () => {
    const found = framesOf(joined(recording('greeting-system'), beep(425, 4000)))
    const first = found[0] ?? 0
    expect(found).to.deep.equal(found.map((_, i) => first + i))
    expect(found.length).to.be.closeTo(4000 / 10, 8)
  })

  it('are none in silence, and in what is shorter than a window', () => {
    expect(framesOf(silence(1000))).to.deep.equal([])
    expect(framesOf(beep(1000, 60))).to.deep.equal([])
  })
})
