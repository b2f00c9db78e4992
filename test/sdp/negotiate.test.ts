import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { readDescription } from '../../src/sdp/description.ts'
import {
  agree,
  answerFormats,
  offeredFormats,
  profileOf,
  takenFormats,
  type Capabilities,
} from '../../src/sdp/negotiate.ts'
import { aliceOffer, atlantaOffer, audio, biloxiAnswer, cryptoLine } from '../support/sdp-text.ts'

const clear: Capabilities = { encodings: ['PCMU', 'PCMA'], srtp: 'none' }
const secure: Capabilities = { ...clear, srtp: 'required' }
const judged = (capabilities: Capabilities, bytes: Uint8Array) => agree(capabilities, readDescription(bytes))

const refusal = (capabilities: Capabilities, ...lines: readonly string[]): PosternError => {
  try {
    judged(capabilities, audio(lines))
  } catch (thrown) {
    if (thrown instanceof PosternError) return thrown
  }
  throw new Error('it was taken')
}

describe('offer and answer (RFC 3264)', () => {
  it('takes the first codec of the offer of RFC 3264 §10.1', () => {
    const { remote, codec, event, ptime } = judged(clear, aliceOffer)
    expect(remote).to.deep.equal({ host: 'host.anywhere.com', port: 49_170 })
    expect([codec.encoding, event, ptime]).to.deep.equal(['PCMU', undefined, 20])
  })

  it("keeps to the offerer's order, not ours, in the offer of RFC 4317 §2.1 (RFC 3264 §6.1)", () => {
    expect(judged({ ...clear, encodings: ['PCMA', 'PCMU'] }, atlantaOffer).codec.encoding).to.equal('PCMU')
    expect(judged({ ...clear, encodings: ['PCMA'] }, atlantaOffer).codec.payloadType).to.equal(8)
  })

  it('takes the answer of RFC 4317 §2.1', () => {
    expect(judged(clear, biloxiAnswer)).to.deep.include({ remote: { host: 'host.biloxi.example.com', port: 49_174 } })
  })

  it("takes telephone-event under the offerer's payload type (RFC 4733 §7.1.1), and answers with both", () => {
    const agreed = judged(clear, audio(['m=audio 4000 RTP/AVP 96 0', 'a=rtpmap:96 telephone-event/8000']))
    expect(agreed.event?.payloadType).to.equal(96)
    expect(answerFormats(agreed).map((f) => f.payloadType)).to.deep.equal([0, 96])
    expect(answerFormats(judged(clear, aliceOffer))).to.have.length(1)
  })

  it('takes PCMU under a dynamic payload type, but not at another rate', () => {
    const agreed = judged(
      clear,
      audio(['m=audio 4000 RTP/AVP 97 98', 'a=rtpmap:97 PCMU/16000', 'a=rtpmap:98 pcmu/8000']),
    )
    expect(agreed.codec).to.deep.equal({ payloadType: 98, encoding: 'PCMU', rate: 8000 })
  })

  for (const [asked, used] of [
    ['10', 10],
    ['40', 40],
    ['60', 60],
    ['5', 20],
    ['200', 20],
    ['12.5', 20],
    ['0', 20],
  ] as const) {
    it(`sends packets of ${used} ms when asked for ${asked}`, () => {
      expect(judged(clear, audio(['m=audio 4000 RTP/AVP 0', `a=ptime:${asked}`])).ptime).to.equal(used)
    })
  }

  it('requires SRTP or no SRTP, and takes the first usable key (RFC 4568 §7.1.2)', () => {
    const other = cryptoLine.replace('1_80', '1_32')
    const agreed = judged(secure, audio(['m=audio 4000 RTP/SAVP 0', other, cryptoLine.replace('crypto:1', 'crypto:5')]))
    expect(agreed.remoteCrypto?.tag).to.equal(5)
    expect(judged(clear, audio(['m=audio 4000 RTP/AVP 0', cryptoLine])).remoteCrypto).to.equal(undefined)
    expect([profileOf('required'), profileOf('none')]).to.deep.equal(['RTP/SAVP', 'RTP/AVP'])
  })

  for (const [capabilities, lines, warning, text] of [
    [clear, ['m=audio 0 RTP/AVP 0'], 305, 'the audio line is refused (port 0)'],
    [clear, ['m=audio 4000 RTP/SAVP 0', cryptoLine], 302, 'the transport is RTP/SAVP, RTP/AVP is required'],
    [secure, ['m=audio 4000 RTP/AVP 0'], 302, 'the transport is RTP/AVP, RTP/SAVP is required'],
    [secure, ['m=audio 4000 RTP/SAVP 0'], 306, 'no usable crypto line of AES_CM_128_HMAC_SHA1_80 is there'],
    [clear, ['m=audio 4000 RTP/AVP 18 9'], 305, 'the codecs are G729, G722, one of PCMU, PCMA is required'],
    [clear, ['m=audio 4000 RTP/AVP 99'], 305, 'the codecs are nothing known, one of PCMU, PCMA is required'],
    [clear, ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 telephone-event/8000'], 305, 'the codecs are TELEPHONE-EVENT'],
  ] as const) {
    it(`refuses with warning ${warning} (RFC 3261 §20.43): ${text}`, () => {
      const { code, detail, message } = refusal(capabilities, ...lines)
      expect([code, detail]).to.deep.equal(['sdp-not-acceptable', { warning }])
      expect(message).to.include(`Not acceptable here: ${text}`)
    })
  }

  it('offers every codec it has, best first, then telephone-event as 101', () => {
    const offered = offeredFormats({ ...clear, encodings: ['PCMA', 'PCMU', 'OPUS'] })
    expect(offered.map((f) => `${f.payloadType} ${f.encoding}`)).to.deep.equal([
      '8 PCMA',
      '0 PCMU',
      '101 TELEPHONE-EVENT',
    ])
  })

  it("passes on of the formats offered those that we would take, in the offer's order", () => {
    const { formats } = readDescription(audio(['m=audio 4000 RTP/AVP 18 8 101 0', 'a=rtpmap:101 telephone-event/8000']))
    expect(takenFormats(clear, formats).map((f) => f.payloadType)).to.deep.equal([8, 101, 0])
    expect(takenFormats({ ...clear, encodings: ['PCMU'] }, formats).map((f) => f.payloadType)).to.deep.equal([101, 0])
  })
})
