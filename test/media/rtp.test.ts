import { expect } from 'chai'
import fc from 'fast-check'
import { isRtcp, parseRtp, type RtpPacket, writeRtp } from '../../src/media/rtp.ts'

const packet: RtpPacket = {
  payloadType: 8,
  marker: true,
  sequence: 0xfffe,
  timestamp: 0xfedcba98,
  ssrc: 0x89abcdef,
  payload: Uint8Array.of(1, 2, 3),
}
const header = [0x80, 0x88, 0xff, 0xfe, 0xfe, 0xdc, 0xba, 0x98, 0x89, 0xab, 0xcd, 0xef]
const bytes = (first: number, ...rest: number[]): Uint8Array => Uint8Array.of(first, ...header.slice(1), ...rest)

describe('RTP packets (RFC 3550 §5.1)', () => {
  it('are written as the RFC draws them', () => {
    expect([...writeRtp(packet)]).to.deep.equal([...header, 1, 2, 3])
  })

  it('are read as they were written', () => {
    expect(parseRtp(writeRtp(packet))).to.deep.equal(packet)
    const quiet = { ...packet, marker: false, payloadType: 101, payload: new Uint8Array(0) }
    expect(parseRtp(writeRtp(quiet))).to.deep.equal(quiet)
  })

  it('are read without their contributing sources', () => {
    expect(parseRtp(bytes(0x82, 9, 9, 9, 9, 8, 8, 8, 8, 1, 2, 3))).to.deep.equal(packet)
  })

  it('are read without their extension (§5.3.1)', () => {
    expect(parseRtp(bytes(0x90, 0xbe, 0xde, 0, 1, 7, 7, 7, 7, 1, 2, 3))).to.deep.equal(packet)
    expect(parseRtp(bytes(0x91, 9, 9, 9, 9, 0xbe, 0xde, 0, 0, 1, 2, 3))).to.deep.equal(packet)
  })

  it('are read without their padding', () => {
    expect(parseRtp(bytes(0xa0, 1, 2, 3, 0, 0, 3))).to.deep.equal(packet)
  })

  const nonsense: Record<string, Uint8Array> = {
    nothing: new Uint8Array(0),
    'less than a header': Uint8Array.from(header.slice(0, 11)),
    'another version': bytes(0x40, 1, 2, 3),
    'fewer sources than it counts': bytes(0x82, 9, 9, 9, 9),
    'an extension without its length': bytes(0x90, 0xbe, 0xde),
    'an extension longer than the packet': bytes(0x90, 0xbe, 0xde, 0, 2, 7, 7, 7, 7),
    'more padding than payload': bytes(0xa0, 1, 2, 4),
    'padding of length zero': bytes(0xa0, 1, 2, 0),
    'padding without a byte for its length': bytes(0xa0),
  }
  for (const [name, given] of Object.entries(nonsense)) {
    it(`are not read from ${name}`, () => expect(parseRtp(given)).to.equal(undefined))
  }

  it('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (given) => {
        const parsed = parseRtp(given)
        return parsed === undefined || parsed.payload.length <= given.length - 12
      }),
    )
  })
})

describe('RTCP on the RTP port (RFC 5761 §4)', () => {
  it('is told by packet types 192 to 223', () => {
    const types = Array.from({ length: 256 }, (_, type) => type).filter((type) =>
      isRtcp(Uint8Array.of(0x81, type, 0, 0)),
    )
    expect(types).to.deep.equal(Array.from({ length: 32 }, (_, i) => 192 + i))
  })

  it('is not taken for RTP, nor another protocol for RTCP', () => {
    expect(parseRtp(Uint8Array.of(0x80, 200, ...header.slice(2)))).to.equal(undefined)
    expect(isRtcp(Uint8Array.of(0x01, 200, 0, 0))).to.equal(false)
  })
})
