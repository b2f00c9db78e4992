import { expect } from 'chai'
import { AesCounterMode } from '../../src/media/aes-cm.ts'
import { deriveSessionKeys } from '../../src/media/srtp-key-derivation.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (given: Uint8Array): string => Buffer.from(given).toString('hex').toUpperCase()

describe('AES-CM keystream (RFC 3711 appendix B.2)', () => {
  const aes = new AesCounterMode(bytes('2B7E151628AED2A6ABF7158809CF4F3C'))
  const keystream = aes.keystream(bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'), 0xff02 * 16).slice()
  const vectors: Record<number, string> = {
    0x0000: 'E03EAD0935C95E80E166B16DD92B4EB4',
    0x0001: 'D23513162B02D0F72A43A2FE4A5F97AB',
    0x0002: '41E95B3BB0A2E8DD477901E4FCA894C0',
    0xfeff: 'EC8CDF7398607CB0F2D21675EA9EA1E4',
    0xff00: '362B7C3C6773516318A077D7FC5073AE',
    0xff01: '6A2CC3787889374FBEB4C81B17BA6C44',
  }
  for (const [block, expected] of Object.entries(vectors)) {
    it(`has the block ${Number(block).toString(16).padStart(4, '0')}`, () => {
      expect(hex(keystream.subarray(Number(block) * 16, Number(block) * 16 + 16))).to.equal(expected)
    })
  }

  it('is the same when asked again for less', () => {
    const again = aes.keystream(bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'), 17)
    expect(hex(again.subarray(0, 17))).to.equal('E03EAD0935C95E80E166B16DD92B4EB4D2')
  })
})

describe('SRTP key derivation (RFC 3711 appendix B.3)', () => {
  const keys = deriveSessionKeys({
    key: bytes('E1F97A0D3E018BE0D64FA32C06DE4139'),
    salt: bytes('0EC675AD498AFEEBB6960B3AABE6'),
  })

  it('gives the cipher key', () => expect(hex(keys.cipher)).to.equal('C61E7A93744F39EE10734AFE3FF7A087'))
  it('gives the salt', () => expect(hex(keys.salt)).to.equal('30CBBC08863D8C85D49DB34A9AE1'))
  it('gives the authentication key', () => {
    expect(hex(keys.authentication)).to.equal('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4')
  })
})
