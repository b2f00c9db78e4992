import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { HmacSha1 } from '../../src/media/hmac-sha1.ts'
import { paddingLength } from '../../src/media/sha1.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'ascii'))
const repeated = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte)

/** The message with what the MAC may write behind it. */
function roomFor(message: Uint8Array): DataView {
  const bytes = new Uint8Array(message.length + paddingLength).fill(0xee)
  bytes.set(message)
  return new DataView(bytes.buffer)
}

const tag = (mac: HmacSha1, message: Uint8Array): string => hex(mac.tag(roomFor(message), message.length))

describe('HMAC-SHA1', () => {
  const large = 'Test Using Larger Than Block-Size Key'
  const vectors: readonly (readonly [Uint8Array, Uint8Array, string])[] = [
    [repeated(0x0b, 20), ascii('Hi There'), 'b617318655057264e28bc0b6fb378c8ef146be00'],
    [ascii('Jefe'), ascii('what do ya want for nothing?'), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    [repeated(0xaa, 20), repeated(0xdd, 50), '125d7342b9ac11cd91a39af48aa17b4f63f175d3'],
    [Uint8Array.from({ length: 25 }, (_, i) => i + 1), repeated(0xcd, 50), '4c9007f4026250c6bc8414f9bf50c86c2d7235da'],
    [repeated(0x0c, 20), ascii('Test With Truncation'), '4c1a03424b55e07fe7f27be1d58bb9324a9a5a04'],
    [repeated(0xaa, 80), ascii(`${large} - Hash Key First`), 'aa4ae5e15272d00e95705637ce8a3b55ed402112'],
    [
      repeated(0xaa, 80),
      ascii(`${large} and Larger Than One Block-Size Data`),
      'e8e99d0f45237d786d6bbaa7965c7808bbff1a91',
    ],
  ]
  vectors.forEach(([key, message, expected], i) => {
    it(`passes test case ${i + 1} of RFC 2202 section 3`, () => {
      expect(tag(new HmacSha1(key), message)).to.equal(expected)
    })
  })

  it('is cut to the length asked for, as in test case 5 of RFC 2202 section 3', () => {
    const mac = new HmacSha1(repeated(0x0c, 20), 12)
    expect(tag(mac, ascii('Test With Truncation'))).to.equal('4c1a03424b55e07fe7f27be1')
  })

  it('is what node:crypto computes, whatever the key and however many messages came before', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), messages, (key, all) => {
        const mac = new HmacSha1(key)
        return all.every((message) => tag(mac, message) === createHmac('sha1', key).update(message).digest('hex'))
      }),
    )
  })

  it('leaves the message as it is', () => {
    const message = ascii('Hi There')
    const room = roomFor(message)
    new HmacSha1(message).tag(room, message.length)
    expect(hex(new Uint8Array(room.buffer, 0, message.length))).to.equal(hex(message))
  })
})
