import { expect } from 'chai'
import { levelDbov, SilenceMeter } from '../../src/media/level.ts'

const constant = (samples: number, value: number): Int16Array => new Int16Array(samples).fill(value)

describe('level in dBov (RFC 6464)', () => {
  it('is 0 for the loudest square wave, -3.01 for a full sine', () => {
    expect(levelDbov(Int16Array.from({ length: 160 }, (_, n) => (n % 2 === 0 ? 32_767 : -32_768)))).to.be.closeTo(
      0,
      0.001,
    )
    const sine = Int16Array.from({ length: 8000 }, (_, n) => Math.round(32_767 * Math.sin((2 * Math.PI * n) / 80)))
    expect(levelDbov(sine)).to.be.closeTo(-3.01, 0.01)
  })

  it('falls by 20 for a tenth of the amplitude', () => {
    expect(levelDbov(constant(160, 1000)) - levelDbov(constant(160, 100))).to.be.closeTo(20, 0.001)
  })

  it('is -127 for silence and for nothing', () => {
    expect([levelDbov(constant(160, 0)), levelDbov(new Int16Array(0))]).to.deep.equal([-127, -127])
  })
})

describe('silence', () => {
  const [loud, quiet] = [constant(160, 3000), constant(160, 20)]
  const measured = (...pushes: Int16Array[]): number => {
    const meter = new SilenceMeter({ thresholdDbov: -50 })
    for (const pcm of pushes) meter.push(pcm)
    return meter.silentMs
  }

  it('counts from the start', () => expect(measured(quiet, quiet)).to.equal(40))
  it('counts from the last speech', () => expect(measured(quiet, quiet, loud, quiet)).to.equal(20))
  it('is none while speech goes on', () => expect(measured(quiet, loud)).to.equal(0))

  it('is the same however the pushes are cut', () => {
    expect(measured(...Array.from({ length: 32 }, () => constant(10, 20)))).to.equal(40)
    expect(measured(constant(700, 20))).to.equal(80)
    expect(measured(constant(100, 20), Int16Array.from([...constant(60, 20), ...loud, ...quiet]))).to.equal(20)
  })

  it('is judged in frames of the length asked for', () => {
    const meter = new SilenceMeter({ thresholdDbov: -50, frameMs: 10 })
    meter.push(constant(80, 0))
    expect(meter.silentMs).to.equal(10)
  })

  it('is not a frame at the threshold itself', () => {
    const meter = new SilenceMeter({ thresholdDbov: levelDbov(quiet) })
    meter.push(quiet)
    expect(meter.silentMs).to.equal(0)
  })
})
