import { expect } from 'chai'
import fc from 'fast-check'
import { PosternError } from '../../src/kernel/errors.ts'
import { decode, encode } from '../../src/media/g711.ts'
import { fromPcm16, readWav, toPcm16, writeWav } from '../../src/media/wav.ts'

const samples = Int16Array.of(0, 1, -1, 256, -32_768, 32_767, 1234)
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')]
const little = (width: number, value: number): number[] =>
  Array.from({ length: width }, (_, i) => (value >>> (8 * i)) & 0xff)
const chunk = (name: string, body: readonly number[], size = body.length): number[] => [
  ...ascii(name),
  ...little(4, size),
  ...body,
  ...(body.length % 2 === 0 ? [] : [0]),
]
const fmt = (tag: number, channels: number, rate: number, bits: number, more: readonly number[] = []): number[] =>
  chunk('fmt ', [
    ...little(2, tag),
    ...little(2, channels),
    ...little(4, rate),
    ...little(4, (rate * channels * bits) / 8),
    ...little(2, (channels * bits) / 8),
    ...little(2, bits),
    ...more,
  ])
const riff = (...chunks: number[][]): Uint8Array => {
  const body = [...ascii('WAVE'), ...chunks.flat()]
  return Uint8Array.from([...ascii('RIFF'), ...little(4, body.length), ...body])
}

function fault(bytes: Uint8Array): { code: string; offset: unknown } {
  try {
    readWav(bytes)
  } catch (error) {
    if (error instanceof PosternError) return { code: error.code, offset: error.detail['offset'] }
  }
  throw new Error('it was read')
}

describe('PCM16 as bytes', () => {
  it('is little-endian', () => {
    expect([...fromPcm16(Int16Array.of(1, -2, 0x1234))]).to.deep.equal([1, 0, 0xfe, 0xff, 0x34, 0x12])
    expect(toPcm16(fromPcm16(samples))).to.deep.equal(samples)
  })

  it('is read at an odd offset, and without an odd byte at the end', () => {
    expect(toPcm16(Uint8Array.of(9, ...fromPcm16(samples), 9).subarray(1))).to.deep.equal(samples)
  })
})

describe('writing WAVE', () => {
  it('makes the 44-byte header of PCM', () => {
    const bytes = writeWav(samples, 'pcm16')
    expect(bytes).to.deep.equal(riff(fmt(1, 1, 8000, 16), chunk('data', [...fromPcm16(samples)])))
    expect(bytes).to.have.length(44 + 14)
  })

  for (const [format, tag] of [
    ['PCMA', 6],
    ['PCMU', 7],
  ] as const) {
    it(`adds the extension size and the fact chunk to ${format}, and pads an odd data chunk`, () => {
      const data = chunk('data', [...encode(format, samples)])
      expect(writeWav(samples, format)).to.deep.equal(
        riff(fmt(tag, 1, 8000, 8, [0, 0]), chunk('fact', little(4, 7)), data),
      )
    })
  }

  it('says the rate it is told', () => {
    expect(readWav(writeWav(samples, 'pcm16', 16_000))).to.deep.equal({ rate: 16_000, samples })
  })
})

describe('reading WAVE', () => {
  it('gives back what was written', () => {
    expect(readWav(writeWav(samples, 'pcm16'))).to.deep.equal({ rate: 8000, samples })
    for (const codec of ['PCMA', 'PCMU'] as const) {
      expect(readWav(writeWav(samples, codec)).samples).to.deep.equal(decode(codec, encode(codec, samples)))
    }
  })

  it('takes 8-bit PCM as unsigned', () => {
    expect([...readWav(riff(fmt(1, 1, 8000, 8), chunk('data', [0, 128, 255]))).samples]).to.deep.equal([
      -32_768, 0, 32_512,
    ])
  })

  it('mixes two channels in equal parts', () => {
    const stereo = fromPcm16(Int16Array.of(100, 300, -32_768, -32_768, 10, -10))
    expect([...readWav(riff(fmt(1, 2, 8000, 16), chunk('data', [...stereo]))).samples]).to.deep.equal([200, -32_768, 0])
  })

  it('reads the extensible form by its sub-format', () => {
    const guid = [7, 0, ...little(4, 0), 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]
    const extension = [...little(2, 22), ...little(2, 8), ...little(4, 4), ...guid]
    expect([...readWav(riff(fmt(0xfffe, 1, 8000, 8, extension), chunk('data', [0x80, 0]))).samples]).to.deep.equal([
      32_124, -32_124,
    ])
  })

  it('skips chunks it does not know, odd ones with their padding', () => {
    const data = chunk('data', [...fromPcm16(samples)])
    expect(
      readWav(riff(chunk('LIST', [1, 2, 3]), fmt(1, 1, 8000, 16), chunk('cue ', [1]), data)).samples,
    ).to.deep.equal(samples)
  })

  it('reads a data chunk that says it is longer than the file as far as it goes', () => {
    const data = chunk('data', [...fromPcm16(samples)], 0xffffffff)
    expect(readWav(riff(fmt(1, 1, 8000, 16), data)).samples).to.deep.equal(samples)
  })

  const wrong: Record<string, readonly [Uint8Array, number]> = {
    'nothing at all': [new Uint8Array(0), 0],
    'another kind of file': [Uint8Array.from(ascii('OggS and so on')), 0],
    'no data chunk': [riff(fmt(1, 1, 8000, 16)), 36],
    'data before its format': [riff(chunk('data', [0, 0])), 12],
    'a format cut short': [riff(chunk('fmt ', [1, 0, 1, 0])), 20],
    'a format it cannot decode': [riff(fmt(85, 1, 8000, 16), chunk('data', [])), 20],
    '24 bits': [riff(fmt(1, 1, 8000, 24), chunk('data', [])), 20],
    'no channels': [riff(fmt(1, 0, 8000, 16), chunk('data', [])), 22],
    'a rate of zero': [riff(fmt(1, 1, 0, 16), chunk('data', [])), 24],
  }
  for (const [name, [bytes, offset]] of Object.entries(wrong)) {
    it(`refuses ${name} and says at which byte`, () => {
      expect(fault(bytes)).to.deep.equal({ code: 'wav-invalid', offset })
    })
  }

  it('throws nothing but wav-invalid, however a file is cut or bent', () => {
    const whole = writeWav(samples, 'PCMA')
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(57), fc.nat(255), (length, at, byte) => {
        const bent = whole.slice(0, length)
        if (at < length) bent[at] = byte
        try {
          return readWav(bent).samples.length <= whole.length
        } catch (error) {
          return error instanceof PosternError && error.code === 'wav-invalid'
        }
      }),
    )
  })
})
