import { expect } from 'chai'
import type { LegPorts } from '../../src/call/leg.ts'
import { placeLeg, type Placed } from '../../src/call/place.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { readDescription, type Format } from '../../src/sdp/description.ts'
import { FakeEndpoint, response, type FakeOutgoing } from '../support/fake-sip.ts'
import { FakeMediaPort } from '../support/fake-media.ts'
import { audio, cryptoLine } from '../support/sdp-text.ts'

const order = {
  uri: 'sip:7000@sbc',
  hop: { transport: 'tcp', host: 'sbc', port: 5060 },
  from: '<sip:1001@pbx>',
  to: '<sip:7000@sbc>',
} as const

interface Trial {
  readonly media: FakeMediaPort
  readonly call: FakeOutgoing
  readonly placed: Promise<Placed>
  readonly cancel: () => void
}

async function place(srtp: 'required' | 'none' = 'none', formats?: readonly Format[]): Promise<Trial> {
  const endpoint = new FakeEndpoint()
  const media = new FakeMediaPort()
  const capabilities = { encodings: ['PCMU', 'PCMA'], srtp }
  const ports: LegPorts = { media, random: seededRandom('leg'), open: { bind: '127.0.0.1' }, capabilities }
  const placing = await placeLeg(endpoint, order, ports, formats)
  return { media, call: endpoint.call, placed: placing.placed, cancel: () => placing.cancel() }
}

const offerOf = ({ call }: Trial) => readDescription(call.order.body!.bytes)

describe('placing a leg', () => {
  it('offers all that it has at its own media address', async () => {
    const offer = offerOf(await place())
    expect(offer.formats.map((f) => f.encoding)).to.deep.equal(['PCMU', 'PCMA', 'TELEPHONE-EVENT'])
    expect(offer).to.deep.include({ remote: { host: '127.0.0.1', port: 30_000 }, profile: 'RTP/AVP', cryptos: [] })
  })

  it('offers a key where SRTP is required, and sends with it', async () => {
    const trial = await place('required')
    const [crypto] = offerOf(trial).cryptos
    trial.call.answer(audio(['m=audio 5000 RTP/SAVP 0', cryptoLine]))
    expect((await trial.placed).type).to.equal('answered')
    const [stream] = trial.media.media.streams
    expect(Buffer.concat([stream!.sendKey!.key, stream!.sendKey!.salt])).to.deep.equal(Buffer.from(crypto!.keySalt))
  })

  it('connects the media to what the answer says', async () => {
    const trial = await place()
    trial.call.answer(audio(['m=audio 5000 RTP/AVP 8']))
    const placed = await trial.placed
    expect(placed).to.have.nested.property('agreed.codec.encoding', 'PCMA')
    expect(trial.media.media.streams[0]).to.deep.include({ remote: { host: '10.0.0.9', port: 5000 }, payloadType: 8 })
  })

  it('answers a refresh that says the answer again with its offer (RFC 4028 §7.4)', async () => {
    const trial = await place()
    const answer = audio(['m=audio 5000 RTP/AVP 8'])
    trial.call.answer(answer)
    await trial.placed
    const { body } = trial.call.order
    expect(trial.call.session.description).to.equal(body)
    expect(await trial.call.session.reoffer(answer)).to.deep.equal({ status: 200, body })
  })

  it('passes a refusal on and closes the media', async () => {
    const trial = await place()
    trial.call.refuse(response(486, 'Busy Here'))
    expect(await trial.placed).to.have.nested.property('response.status', 486)
    expect(trial.media.media.closed).to.equal(true)
  })

  for (const [what, answer] of [
    ['no session description', 'nonsense'],
    ['another transport', audio(['m=audio 5000 RTP/SAVP 0', cryptoLine])],
    ['a refused line', audio(['m=audio 0 RTP/AVP 0'])],
  ] as const) {
    it(`ends with BYE a call that is answered with ${what}`, async () => {
      const trial = await place()
      trial.call.answer(answer)
      const placed = await trial.placed
      expect(placed.type).to.equal('unusable')
      expect([trial.call.session.byes, trial.media.media.closed]).to.deep.equal([1, true])
    })
  }

  it('ends a call whose answer holds a codec that was not offered (RFC 3264 §6.1)', async () => {
    const trial = await place('none', [{ payloadType: 8, encoding: 'PCMA', rate: 8000 }])
    trial.call.answer(audio(['m=audio 5000 RTP/AVP 0']))
    expect((await trial.placed).type).to.equal('unusable')
  })

  it('cancels the call', async () => {
    const trial = await place()
    trial.cancel()
    expect(trial.call.cancelled).to.equal(1)
  })

  it('makes no call without a media port', async () => {
    const media = new FakeMediaPort()
    media.full = true
    const endpoint = new FakeEndpoint()
    const capabilities = { encodings: ['PCMU'], srtp: 'none' } as const
    const ports = { media, random: seededRandom('leg'), open: { bind: '127.0.0.1' }, capabilities }
    const thrown: unknown = await placeLeg(endpoint, order, ports).catch((error: unknown) => error)
    expect(thrown).to.be.instanceOf(PosternError).with.property('code', 'media-open')
    expect(endpoint.calls).to.deep.equal([])
  })
})
