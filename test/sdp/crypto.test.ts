import { expect } from 'chai'
import { readCrypto, suite, writeCrypto } from '../../src/sdp/crypto.ts'
import { inlineKey } from '../support/sdp-text.ts'

const read = (parameters: string): number => readCrypto(1, suite, parameters).length

describe('the crypto attribute (RFC 4568)', () => {
  it('reads tag, suite and the 30 bytes of key and salt (§6.1)', () => {
    const [crypto] = readCrypto(7, suite, `inline:${inlineKey}|2^20`)
    expect(crypto).to.deep.include({ tag: 7, suite: 'AES_CM_128_HMAC_SHA1_80' })
    expect(Buffer.from(crypto!.keySalt).toString('base64')).to.equal(inlineKey)
  })

  for (const parameters of [`inline:${inlineKey}`, `inline:${inlineKey}|2^48`, `inline:${inlineKey}|1048576`]) {
    it(`takes ${parameters.replace(inlineKey, 'KEY')}: a lifetime may be there or not (§6.1)`, () => {
      expect(read(parameters)).to.equal(1)
    })
  }

  it('takes a window size hint, which changes nothing of what is sent (§6.3.6)', () => {
    expect(read(`inline:${inlineKey}|2^20 WSH=128`)).to.equal(1)
  })

  for (const [why, parameters] of [
    ['a master key identifier (§6.1)', `inline:${inlineKey}|2^20|1:4`],
    ['an identifier without lifetime (§6.1)', `inline:${inlineKey}|1:4`],
    ['two keys (§6.1)', `inline:${inlineKey}|2^20;inline:${inlineKey}|2^20`],
    ['UNENCRYPTED_SRTP (§6.3.2)', `inline:${inlineKey} UNENCRYPTED_SRTP`],
    ['UNAUTHENTICATED_SRTP (§6.3.3)', `inline:${inlineKey} UNAUTHENTICATED_SRTP`],
    ['FEC (§6.3.4)', `inline:${inlineKey}|2^20 FEC_ORDER=FEC_SRTP`],
    ['a key of 29 bytes', `inline:${Buffer.alloc(29).toString('base64')}`],
    ['a key of 31 bytes', `inline:${Buffer.alloc(31).toString('base64')}`],
    ['no key', 'inline:'],
    ['another key method (§5.1)', `uri:${inlineKey}`],
    ['characters outside base64', `inline:${inlineKey.replace('W', '-')}`],
    ['nothing', ''],
  ] as const) {
    it(`reads a line with ${why} as none`, () => expect(read(parameters)).to.equal(0))
  }

  it('writes what it reads', () => {
    const keySalt = Uint8Array.from({ length: 30 }, (_, i) => i)
    const { id, suite: name, config } = writeCrypto({ tag: 3, suite, keySalt })
    expect(readCrypto(id, name, config)).to.deep.equal([{ tag: 3, suite, keySalt }])
  })
})
