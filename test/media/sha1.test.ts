import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { sha1 } from '../../src/media/sha1.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'ascii'))

describe('SHA-1', () => {
  const vectors = [
    ['of one block (FIPS 180-2 appendix A.1)', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    [
      'whose padding needs a second block (A.2)',
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
    ],
    ['of a million bytes (A.3)', 'a'.repeat(1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f'],
    ['of no bytes at all', '', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ] as const
  for (const [what, message, digest] of vectors) {
    it(`has the digest of a message ${what}`, () => {
      expect(hex(sha1(ascii(message)))).to.equal(digest)
    })
  }

  it('is what node:crypto computes, whatever the message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (message) => {
        return hex(sha1(message)) === createHash('sha1').update(message).digest('hex')
      }),
    )
  })
})
