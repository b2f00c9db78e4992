import { expect } from 'chai'
import { answerLeg, cancelled, considerOffer, type Acceptable } from '../../src/call/answer.ts'
import type { LegPorts } from '../../src/call/leg.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { readDescription } from '../../src/sdp/description.ts'
import type { Reply } from '../../src/sip/face.ts'
import { FakeCall, request } from '../support/fake-sip.ts'
import { FakeMediaPort } from '../support/fake-media.ts'
import { audio, cryptoLine, inlineKey } from '../support/sdp-text.ts'

const plain = audio(['m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000'])
const secure = audio(['m=audio 4000 RTP/SAVP 0', cryptoLine.replace('crypto:1', 'crypto:4')])

function ports(srtp: 'required' | 'none' = 'none'): LegPorts & { media: FakeMediaPort } {
  const open = { bind: '127.0.0.1', advertised: '192.0.2.1' }
  const media = new FakeMediaPort()
  return { media, random: seededRandom('leg'), open, capabilities: { encodings: ['PCMU', 'PCMA'], srtp } }
}

function invite(body: Uint8Array | string, type = 'application/sdp'): FakeCall {
  return new FakeCall(request('INVITE', 'sip:7000@x', { 'Content-Type': type }, Buffer.from(body).toString()))
}

function acceptable(call: FakeCall, given: LegPorts): Acceptable {
  const considered = considerOffer(call, given)
  if ('status' in considered) throw new Error(`refused with ${considered.status}`)
  return considered
}

describe('considering an offer', () => {
  it('takes one that can be met, whatever the case and parameters of its type', () => {
    expect(acceptable(invite(plain, 'Application/SDP; charset=utf-8'), ports()).agreed.codec.encoding).to.equal('PCMA')
  })

  it('refuses an INVITE without an offer with 488, for we make none', () => {
    const { status, headers } = considerOffer(invite(''), ports()) as Reply
    expect(status).to.equal(488)
    expect(headers).to.deep.equal([{ name: 'Warning', value: '399 postern "an offer in the INVITE is required"' }])
  })

  it('refuses another type with 415 and says what is taken (RFC 3261 §21.4.13)', () => {
    expect(considerOffer(invite('x', 'text/plain'), ports())).to.deep.equal({
      status: 415,
      headers: [{ name: 'Accept', value: 'application/sdp' }],
    })
  })

  it('refuses what is no session description with 400', () => {
    expect(considerOffer(invite('v=1'), ports())).to.deep.include({ status: 400 })
  })

  it('refuses what cannot be met with 488 and a warning that holds no quote of its own (RFC 3261 §21.4.26)', () => {
    const strange = audio(['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 say-x/8000'])
    const { status, headers } = considerOffer(invite(strange), ports()) as Reply
    expect(status).to.equal(488)
    expect(headers?.[0]?.value).to.match(/^305 postern "[^"\\]*SAY-X[^"\\]*"$/)
  })
})

describe('answering a leg', () => {
  it('answers with the chosen formats at the address that others reach, and connects the media', async () => {
    const given = ports()
    const call = invite(plain)
    const leg = await answerLeg(call, acceptable(call, given), given)
    const answer = readDescription(call.accepted!.body!.bytes)
    expect(leg).to.have.property('session', call.session)
    expect(answer.remote).to.deep.equal({ host: '192.0.2.1', port: 30_000 })
    expect(answer.formats.map((f) => f.payloadType)).to.deep.equal([8, 101])
    expect(given.media.media.streams).to.deep.equal([
      { remote: { host: '10.0.0.9', port: 4000 }, codec: 'PCMA', payloadType: 8, telephoneEvent: 101, ptime: 20 },
    ])
  })

  it("answers SRTP with a key of its own under the offer's tag (RFC 4568 §5.1.2), and takes the offer's to receive", async () => {
    const given = ports('required')
    const call = invite(secure)
    await answerLeg(call, acceptable(call, given), given)
    const [crypto] = readDescription(call.accepted!.body!.bytes).cryptos
    const [stream] = given.media.media.streams
    expect(crypto?.tag).to.equal(4)
    expect(Buffer.concat([stream!.sendKey!.key, stream!.sendKey!.salt])).to.deep.equal(Buffer.from(crypto!.keySalt))
    const theirs = Buffer.concat([stream!.receiveKey!.key, stream!.receiveKey!.salt])
    expect(theirs.toString('base64')).to.equal(inlineKey)
    expect(Buffer.from(crypto!.keySalt)).not.to.deep.equal(theirs)
  })

  it('answers a refresh that changes nothing with the same, and refuses what would change it (RFC 4028 §7.4)', async () => {
    const given = ports()
    const call = invite(plain)
    await answerLeg(call, acceptable(call, given), given)
    const session = call.session!
    expect(session.description).to.equal(call.accepted!.body)
    expect(await session.reoffer(plain)).to.deep.equal({ status: 200, body: call.accepted!.body })
    expect(await session.reoffer(audio(['m=audio 4002 RTP/AVP 8'], '10.0.0.7'))).to.deep.equal({ status: 488 })
  })

  it('leaves a re-INVITE to a service that handles it', async () => {
    const given = ports()
    const call = invite(plain)
    await answerLeg(call, acceptable(call, given), given, { reinvite: () => Promise.resolve({ status: 202 }) })
    expect(await call.session!.reoffer(plain)).to.deep.equal({ status: 202 })
  })

  it('refuses with 503 when no media port is left, and hands that back', async () => {
    const given = ports()
    given.media.full = true
    const call = invite(plain)
    const reply = await answerLeg(call, acceptable(call, given), given)
    expect(reply).to.have.property('status', 503)
    expect(call.refused).to.deep.equal([reply])
  })

  it('closes the media and does not answer when the caller has given up meanwhile', async () => {
    const given = ports()
    const call = invite(plain)
    const answering = answerLeg(call, acceptable(call, given), given)
    call.cancel()
    expect(await answering).to.equal(cancelled)
    expect([call.accepted, given.media.media.closed]).to.deep.equal([undefined, true])
  })

  it('refuses nothing after the caller has given up, even without a port', async () => {
    const given = ports()
    given.media.full = true
    const call = invite(plain)
    const answering = answerLeg(call, acceptable(call, given), given)
    call.cancel()
    expect(await answering).to.equal(cancelled)
    expect(call.refused).to.deep.equal([])
  })

  it('closes the media when the session ends, whoever ends it', async () => {
    for (const end of ['caller', 'us'] as const) {
      const given = ports()
      const call = invite(plain)
      const leg = await answerLeg(call, acceptable(call, given), given)
      if (leg === cancelled || 'status' in leg) throw new Error('not answered')
      await (end === 'us' ? leg.hangUp() : call.session!.receiveBye())
      expect(await leg.ended).to.deep.equal({ by: end === 'us' ? 'local' : 'remote' })
      expect(given.media.media.closed).to.equal(true)
    }
  })
})
