import { expect } from 'chai'
import fc from 'fast-check'
import { PosternError } from '../../src/kernel/errors.ts'
import { suite } from '../../src/sdp/crypto.ts'
import { readDescription, writeDescription, type DescriptionOrder, type Direction } from '../../src/sdp/description.ts'
import { aliceOffer, atlantaOffer, audio, cryptoLine, sdp } from '../support/sdp-text.ts'

const pcmu = { payloadType: 0, encoding: 'PCMU', rate: 8000 }
const order: DescriptionOrder = {
  local: { host: '127.0.20.20', port: 40_000 },
  sessionId: 4_294_967_295,
  version: 1,
  profile: 'RTP/AVP',
  formats: [pcmu, { payloadType: 101, encoding: 'TELEPHONE-EVENT', rate: 8000, parameters: '0-15' }],
}
const lines = (written: DescriptionOrder): string[] => Buffer.from(writeDescription(written)).toString().split('\r\n')

describe('reading a session description', () => {
  it('reads the offer of RFC 4317 §2.1: where to send, the formats in order, and the lines that are not audio', () => {
    const offer = readDescription(atlantaOffer)
    expect(offer.remote).to.deep.equal({ host: 'host.atlanta.example.com', port: 49_170 })
    expect(offer.formats).to.deep.equal([
      pcmu,
      { payloadType: 8, encoding: 'PCMA', rate: 8000 },
      { payloadType: 97, encoding: 'ILBC', rate: 8000 },
    ])
    expect(offer).to.deep.include({ profile: 'RTP/AVP', audio: 0, direction: 'sendrecv', cryptos: [] })
    expect(offer.lines[1]).to.deep.equal({ media: 'video', protocol: 'RTP/AVP', formats: '31 32' })
  })

  it('knows the static payload types without rtpmap (RFC 3551 §6), and leaves out those it does not know', () => {
    const { formats } = readDescription(audio(['m=audio 4000 RTP/AVP 8 0 18 77 96']))
    expect(formats.map((f) => `${f.payloadType} ${f.encoding}`)).to.deep.equal(['8 PCMA', '0 PCMU', '18 G729'])
  })

  it('takes the c= line of the audio before that of the session (RFC 8866 §5.7), IPv6 too', () => {
    const own = readDescription(audio(['m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::7']))
    expect(own.remote).to.deep.equal({ host: '2001:db8::7', port: 4000 })
  })

  it('reads ptime, format parameters, keys and the direction, of the session where the line says nothing', () => {
    const bytes = audio([
      'a=sendonly',
      'm=audio 4000 RTP/SAVP 0 101',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 15',
      'a=ptime:30',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:short',
      cryptoLine.replace('crypto:1', 'crypto:2'),
    ])
    const { ptime, direction, formats, cryptos } = readDescription(bytes)
    expect({ ptime, direction }).to.deep.equal({ ptime: 30, direction: 'sendonly' })
    expect(formats[1]).to.deep.equal({ payloadType: 101, encoding: 'TELEPHONE-EVENT', rate: 8000, parameters: '15' })
    expect(cryptos.map((c) => `${c.tag} ${c.suite}`)).to.deep.equal([`2 ${suite}`])
  })

  it('does not take a key whose session parameters it would not honour (RFC 4568 §6.3.2)', () => {
    const { cryptos } = readDescription(audio(['m=audio 4000 RTP/SAVP 0', `${cryptoLine} UNENCRYPTED_SRTP`]))
    expect(cryptos).to.deep.equal([])
  })

  it('reads names that look like numbers as names', () => {
    const { formats, remote } = readDescription(audio(['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 1234/8000'], '7'))
    expect(formats).to.deep.equal([{ payloadType: 96, encoding: '1234', rate: 8000 }])
    expect(remote.host).to.equal('7')
  })

  it('reads an audio line without formats, with empty ones and with impossible ones as having none of these', () => {
    expect(readDescription(audio(['m=audio 4000 RTP/AVP'])).formats).to.deep.equal([])
    const { formats } = readDescription(audio(['m=audio 4000 RTP/AVP 8  0 128 0x0 -1']))
    expect(formats.map((f) => f.payloadType)).to.deep.equal([8, 0])
  })

  for (const [why, bytes] of [
    ['it does not begin with v=0', sdp('hello')],
    ['it has no audio line', audio(['m=video 4000 RTP/AVP 31'])],
    ['it has no c= line for its audio', sdp('v=0', 's=-', 't=0 0', 'm=audio 4000 RTP/AVP 0')],
    ['its audio port is 65536', audio(['m=audio 65536 RTP/AVP 0'])],
    ['its m= line 1 is not "media port protocol formats"', audio(['m=audio 49170/2 RTP/AVP 0'])],
    ['it is 32769 bytes long, the limit is 32768', Buffer.alloc(32_769)],
  ] as const) {
    it(`refuses one of which "${why}"`, () => {
      expect(() => readDescription(bytes))
        .to.throw(PosternError, `The session description cannot be read: ${why}`)
        .with.property('code', 'sdp-invalid')
    })
  }

  it('throws nothing but sdp-invalid, whatever the bytes', () => {
    const pieces =
      'v=0|m=audio 4000 RTP/AVP 0|m= |m=audio  RTP/AVP|c=IN IP4 10.0.0.9|c=IN IP4 |a=rtpmap:0 1/8000|a=rtpmap:0 /|a=crypto:1 2 3'
    const piece = fc.constantFrom(
      ...pieces.split('|'),
      'a=fmtp:0 5',
      'a=ptime:',
      'a=sendrecv',
      'a=crypto:1 x inline:',
      'o=- 1',
      '__proto__=',
    )
    const texts = fc.array(fc.oneof({ weight: 4, arbitrary: piece }, fc.string()), { maxLength: 12 })
    fc.assert(
      fc.property(texts, (some) => {
        try {
          const { remote, formats } = readDescription(sdp('v=0', ...some))
          for (const text of [remote.host, ...formats.map((f) => f.encoding)]) expect(text).to.be.a('string')
        } catch (thrown) {
          expect(thrown).to.be.instanceOf(PosternError).with.property('code', 'sdp-invalid')
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('writing a session description', () => {
  it('writes an offer of one audio line', () => {
    expect(lines(order)).to.deep.equal([
      'v=0',
      'o=- 4294967295 1 IN IP4 127.0.20.20',
      's=-',
      'c=IN IP4 127.0.20.20',
      't=0 0',
      'm=audio 40000 RTP/AVP 0 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ])
  })

  it('writes IPv6 as IP6, and a key', () => {
    const keySalt = new Uint8Array(30)
    const text = lines({
      ...order,
      local: { host: '::1', port: 4000 },
      profile: 'RTP/SAVP',
      crypto: { tag: 2, suite, keySalt },
    })
    expect(text).to.include.members(['c=IN IP6 ::1', 'o=- 4294967295 1 IN IP6 ::1', 'm=audio 4000 RTP/SAVP 0 101'])
    expect(text).to.include(`a=crypto:2 ${suite} inline:${'A'.repeat(40)}|2^31`)
  })

  it('answers the offer of RFC 3264 §10.1 with a line for each of its lines, those not taken with port 0 (§6)', () => {
    const media = lines({ ...order, formats: [pcmu], answering: readDescription(aliceOffer) }).filter((l) =>
      l.startsWith('m='),
    )
    expect(media).to.deep.equal(['m=audio 40000 RTP/AVP 0', 'm=video 0 RTP/AVP 31', 'm=video 0 RTP/AVP 32'])
  })

  it('answers where the offer has its audio, and refuses a second one', () => {
    const offer = readDescription(audio(['m=image 5000 udptl t38', 'm=audio 4000 RTP/AVP 0', 'm=audio 4002 RTP/AVP 8']))
    const media = lines({ ...order, formats: [pcmu], answering: offer }).filter((l) => l.startsWith('m='))
    expect(media).to.deep.equal(['m=image 0 udptl t38', 'm=audio 40000 RTP/AVP 0', 'm=audio 0 RTP/AVP 8'])
  })

  for (const [offered, answered] of [
    ['sendrecv', 'sendrecv'],
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
  ] as const satisfies readonly (readonly [Direction, Direction])[]) {
    it(`answers ${offered} with ${answered} (RFC 3264 §6.1)`, () => {
      const answering = readDescription(audio(['m=audio 4000 RTP/AVP 0', `a=${offered}`]))
      expect(lines({ ...order, answering })).to.include(`a=${answered}`)
    })
  }

  it('writes what it reads', () => {
    const read = readDescription(writeDescription(order))
    expect(read).to.deep.include({ remote: order.local, formats: order.formats, profile: 'RTP/AVP', ptime: 20 })
  })
})
