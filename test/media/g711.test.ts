import { expect } from 'chai'
import type { Codec } from '../../src/media/face.ts'
import { decode, encode } from '../../src/media/g711.ts'

const allCodes = Uint8Array.from({ length: 256 }, (_, code) => code)
const sine = (amplitude: number): Int16Array =>
  Int16Array.from({ length: 8000 }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * 1004 * n) / 8000)))

function snr(codec: Codec, pcm: Int16Array): number {
  const heard = decode(codec, encode(codec, pcm))
  const noise = pcm.reduce((sum, sample, i) => sum + (sample - heard[i]!) ** 2, 0)
  return 10 * Math.log10(pcm.reduce((sum, sample) => sum + sample ** 2, 0) / noise)
}

describe('G.711', () => {
  it('gives every A-law code back', () => {
    expect(encode('PCMA', decode('PCMA', allCodes))).to.deep.equal(allCodes)
  })

  it('gives every μ-law code back, with its two zeroes as one', () => {
    expect(encode('PCMU', decode('PCMU', allCodes))).to.deep.equal(
      allCodes.map((code) => (code === 0x7f ? 0xff : code)),
    )
  })

  it('decodes the ends and the middle of the scale as ITU-T G.711 tables 1a to 2b say', () => {
    expect([...decode('PCMA', Uint8Array.of(0xaa, 0x2a, 0xd5, 0x55))]).to.deep.equal([32_256, -32_256, 8, -8])
    expect([...decode('PCMU', Uint8Array.of(0x80, 0x00, 0xff, 0x7f))]).to.deep.equal([32_124, -32_124, 0, 0])
  })

  it('encodes silence as the codes on the wire: 0xD5 and 0xFF', () => {
    expect([...encode('PCMA', new Int16Array(1)), ...encode('PCMU', new Int16Array(1))]).to.deep.equal([0xd5, 0xff])
  })

  it('clips the loudest samples rather than wrap them', () => {
    const loudest = Int16Array.of(32_767, -32_768)
    expect([...encode('PCMA', loudest), ...encode('PCMU', loudest)]).to.deep.equal([0xaa, 0x2a, 0x80, 0x00])
  })

  it('never lets a louder sample sound quieter', () => {
    const ramp = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768)
    for (const codec of ['PCMA', 'PCMU'] as const) {
      const heard = decode(codec, encode(codec, ramp))
      expect(heard.every((sample, i) => i === 0 || sample >= heard[i - 1]!)).to.equal(true)
    }
  })

  for (const codec of ['PCMA', 'PCMU'] as const) {
    it(`keeps a sine over 35 dB above its noise in ${codec}`, () => {
      expect(snr(codec, sine(16_000))).to.be.greaterThan(35)
    })
  }
})
