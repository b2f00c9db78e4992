import { createCipheriv } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { AesCounterMode } from '../../src/media/aes-cm.ts'
import { SourceKeystream } from '../../src/media/source-keystream.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const key = bytes('c61e7a93744f39ee10734afe3ff7a087')
const salt = bytes('30cbbc08863d8c85d49db34a9ae1')

/** By Node's own counter mode, with the IV of RFC 3711 §4.1.1. */
function expected(ssrc: number, index: number, length: number): string {
  const number = Buffer.alloc(16)
  number.writeUInt32BE(ssrc, 4)
  number.writeUIntBE(index, 8, 6)
  const iv = number.map((byte, i) => byte ^ (salt[i] ?? 0))
  return hex(createCipheriv('aes-128-ctr', key, iv).update(new Uint8Array(length)))
}

/** What the keystream does to zeros behind a header of `start` bytes. */
function made(source: SourceKeystream, index: number, length: number, start = 12): string {
  const words = new Int32Array(Math.ceil((start + length) / 4))
  source.apply(words, start, start + length, index)
  return hex(new Uint8Array(words.buffer, start, length))
}

describe('keystream of a source', () => {
  let source: SourceKeystream

  beforeEach(() => {
    source = new SourceKeystream(new AesCounterMode(key), salt, 7)
  })

  const check = (index: number, length = 160): void => {
    expect(made(source, index, length), `${index}`).to.equal(expected(7, index, length))
  }

  it('is right for every packet of a stream, however far it was made ahead', () => {
    for (let index = 1000; index < 1300; index++) check(index)
  })

  it('goes on over the roll-over of the sequence number, and of its counter', () => {
    for (let index = 65_500; index < 65_600; index++) check(index)
    for (let index = 2 ** 47 - 50; index < 2 ** 47 + 50; index++) check(index)
  })

  it('is right after a leap forward and back, and in what was left', () => {
    for (const index of [10, 11, 12, 13, 5000, 5001, 14, 15, 5002, 5003, 12, 900_000, 5004]) check(index)
  })

  it('is right for packets that change places where one batch ends and the next begins', () => {
    for (let index = 0; index < 400; index += 2) {
      check(index + 1)
      check(index)
    }
  })

  it('is right when short and long payloads take turns', () => {
    ;[160, 4, 4, 160, 240, 4, 1400, 160, 0, 1, 17, 9000, 160, 160].forEach((length, index) => check(index, length))
  })

  it('bears a stream of empty payloads', () => {
    for (let index = 0; index < 3000; index++) check(index, index % 1000 === 999 ? 160 : 0)
  })

  it('covers just what stands behind the header', () => {
    const words = new Int32Array(12).fill(-1)
    source.apply(words, 16, 40, 3)
    expect(hex(new Uint8Array(words.buffer, 0, 16))).to.equal('ff'.repeat(16))
    expect(hex(new Uint8Array(words.buffer, 40))).to.equal('ff'.repeat(8))
  })

  it('is its own for each of several sources that share a cipher, whatever comes of each', () => {
    const packet = fc.record({
      ssrc: fc.integer({ min: 0, max: 3 }).map((n) => 2 ** 32 - 1 - n),
      step: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, fc.integer({ min: -70, max: 70 }), fc.nat(2 ** 40)),
      length: fc.oneof({ weight: 4, arbitrary: fc.constant(160) }, fc.nat(400)),
    })
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), (packets) => {
        const aes = new AesCounterMode(key)
        const sources = new Map<number, { keystream: SourceKeystream; index: number }>()
        return packets.every(({ ssrc, step, length }) => {
          const at = sources.get(ssrc) ?? { keystream: new SourceKeystream(aes, salt, ssrc), index: 65_500 }
          sources.set(ssrc, at)
          at.index = Math.max(0, at.index + step)
          return made(at.keystream, at.index, length) === expected(ssrc, at.index, length)
        })
      }),
    )
  })
})
