import { expect } from 'chai'
import { ManualClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { PbxEvent } from '../../src/pbx/events.ts'
import { Switchboard } from '../../src/pbx/switchboard.ts'
import { readDiversions } from '../../src/sip/message/diversion.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { FakeMediaPort } from '../support/fake-media.ts'
import { FakeCall, FakeEndpoint, request, response, settled } from '../support/fake-sip.ts'
import { audio } from '../support/sdp-text.ts'

const offer = audio(['m=audio 4000 RTP/AVP 0'])
const answer = audio(['m=audio 5000 RTP/AVP 0'])
const talk = new Int16Array(160)

class Office {
  readonly clock = new ManualClock()
  readonly endpoint = new FakeEndpoint()
  readonly media = new FakeMediaPort()
  readonly events: PbxEvent[] = []
  readonly switchboard: Switchboard

  constructor(said: Int16Array = talk) {
    this.switchboard = new Switchboard(
      {
        clock: this.clock,
        emit: (event) => void this.events.push(event),
        domain: 'pbx.inside.test',
        extensions: [
          { number: '1001', behaviour: 'rings', ringMs: 2000 },
          { number: '1002', behaviour: 'answers', ringMs: 200, talk: said },
          { number: '1003', behaviour: 'busy', ringMs: 2000 },
        ],
        trunk: { pilot: '7000', hop: { transport: 'tcp', host: 'sbc.inside.test', port: 5070 } },
        media: this.media,
        random: seededRandom('pbx'),
        open: { bind: '127.0.10.10' },
        capabilities: { encodings: ['PCMU'], srtp: 'none' },
      },
      () => this.endpoint,
    )
  }

  call(number: string, from = '"Carl" <sip:+4533120100@phone.test>;tag=1', body: Uint8Array = offer): FakeCall {
    const headers = { From: from, 'Content-Type': 'application/sdp' }
    const call = new FakeCall(request('INVITE', `sip:${number}@pbx.inside.test`, headers, Buffer.from(body).toString()))
    this.switchboard.receive(call)
    return call
  }

  said(type: PbxEvent['type']): PbxEvent | undefined {
    return this.events.find((event) => event.type === type)
  }
}

const diversions = (headers: ConstructorParameters<typeof Headers>[0]) => readDiversions(new Headers(headers))

describe('an extension that nobody answers', () => {
  it('rings, and then is diverted to the pilot with its number and no-answer in Diversion', () => {
    const office = new Office()
    const call = office.call('1001')
    office.clock.advance(1999)
    expect([call.progressed, office.endpoint.calls]).to.deep.equal([[180], []])
    office.clock.advance(1)
    const { uri, to, from, hop, headers, body } = office.endpoint.call.order
    expect(call.progressed).to.deep.equal([180, 181])
    expect([uri, to]).to.deep.equal(['sip:7000@sbc.inside.test', '<sip:7000@sbc.inside.test>'])
    expect(from).to.equal('"Carl" <sip:+4533120100@pbx.inside.test>')
    expect(hop).to.deep.equal({ transport: 'tcp', host: 'sbc.inside.test', port: 5070 })
    expect(diversions(headers)).to.deep.equal([
      { uri: 'sip:1001@pbx.inside.test', reason: 'no-answer', params: new Map() },
    ])
    expect(body).to.deep.equal({ type: 'application/sdp', bytes: Buffer.from(offer) })
    expect(office.said('pbx.diverted')).to.deep.include({ extension: '1001', reason: 'no-answer', legCallId: 'out@us' })
  })

  it('stops ringing when the caller gives up, or the PBX closes', () => {
    for (const end of ['caller', 'PBX'] as const) {
      const office = new Office()
      const call = office.call('1001')
      if (end === 'caller') call.cancel()
      else office.switchboard.close()
      office.clock.advance(10_000)
      expect(office.endpoint.calls, end).to.deep.equal([])
    }
  })
})

describe('a diverted call', () => {
  it('comes from a busy extension at once, without ringing', () => {
    const office = new Office()
    expect(office.call('1003').progressed).to.deep.equal([181])
    expect(diversions(office.endpoint.call.order.headers)[0]).to.deep.include({ reason: 'user-busy' })
  })

  it('to the pilot itself was diverted by nobody', () => {
    const office = new Office()
    expect(office.call('7000').progressed).to.deep.equal([])
    expect(office.endpoint.call.order.headers).to.deep.equal([])
  })

  it('passes descriptions through untouched, and both sides end together', async () => {
    const office = new Office()
    const call = office.call('1003')
    office.endpoint.call.answer(answer)
    await settled()
    expect(call.accepted).to.deep.equal({ body: { type: 'application/sdp', bytes: Buffer.from(answer) } })
    await call.session!.receiveBye()
    expect([office.endpoint.call.session.byes, call.session!.byes]).to.deep.equal([1, 0])
  })

  it('is refreshed on each side by what that side was told, and nothing of a refresh crosses (RFC 4028 §7.4)', async () => {
    const office = new Office()
    const call = office.call('1003')
    office.endpoint.call.answer(answer)
    await settled()
    const [a, b] = [call.session!, office.endpoint.call.session]
    const bodies = [answer, offer].map((text) => ({ type: 'application/sdp', bytes: Buffer.from(text) }))
    expect([a.description, b.description]).to.deep.equal(bodies)
    expect(await a.reoffer(offer)).to.deep.equal({ status: 200, body: bodies[0] })
    expect(await b.reoffer(answer)).to.deep.equal({ status: 200, body: bodies[1] })
    expect([a.requests, b.requests]).to.deep.equal([[], []])
  })

  it('has no session timer of its caller’s on the trunk (RFC 4028)', () => {
    const office = new Office()
    const headers = { 'Session-Expires': '600', 'Min-SE': '300', Supported: 'timer' }
    office.switchboard.receive(new FakeCall(request('INVITE', 'sip:1003@pbx', headers)))
    expect(office.endpoint.call.order.headers?.map(({ name }) => name)).to.deep.equal(['Diversion'])
  })

  it('is refused as the trunk refuses it, with its warning and nothing else', async () => {
    const office = new Office()
    const call = office.call('1003')
    const inside = { Warning: '399 sbc "name"', Server: 'secret' }
    office.endpoint.call.refuse(response(403, 'Forbidden', inside))
    await settled()
    const headers = [{ name: 'Warning', value: '399 sbc "name"' }]
    expect(call.refused).to.deep.equal([{ status: 403, reason: 'Forbidden', headers }])
    expect(office.said('pbx.refused')).to.deep.include({ status: 403, text: 'the trunk answered 403 Forbidden' })
  })

  it('is cancelled with its caller, and what the trunk says then is no refusal of the PBX', async () => {
    const office = new Office()
    const call = office.call('1003')
    call.cancel()
    expect(office.endpoint.call.cancelled).to.equal(1)
    office.endpoint.call.refuse(response(487, 'Request Terminated'))
    await settled()
    expect([call.refused, office.said('pbx.refused')]).to.deep.equal([[], undefined])
  })

  it('ends on the trunk when an answer crosses the cancellation', async () => {
    const office = new Office()
    const call = office.call('1003')
    call.cancel()
    office.endpoint.call.answer(answer)
    await settled()
    expect([call.accepted, office.endpoint.call.session.byes]).to.deep.equal([undefined, 1])
  })

  it('has an anonymous caller where the From says nothing, and no body where there was none', () => {
    const office = new Office()
    const call = new FakeCall(request('INVITE', 'sip:1003@pbx'))
    office.switchboard.receive(call)
    expect(office.endpoint.call.order.from).to.equal('<sip:anonymous@pbx.inside.test>')
    expect(office.endpoint.call.order).not.to.have.property('body')
  })
})

describe('an extension that answers', () => {
  it('rings, answers and talks over and over until the caller hangs up', async () => {
    const office = new Office()
    const call = office.call('1002')
    office.clock.advance(200)
    await settled()
    expect(office.said('pbx.answered')).to.deep.include({ extension: '1002' })
    for (let times = 1; times <= 3; times++) {
      expect(office.media.media.played).to.have.length(times)
      office.media.media.endPlay()
      await settled()
    }
    await call.session!.receiveBye()
    await settled()
    expect([office.media.media.closed, office.media.media.played.length]).to.deep.equal([true, 4])
  })

  it('says nothing when its recording is empty', async () => {
    const office = new Office(new Int16Array())
    office.call('1002')
    office.clock.advance(200)
    await settled()
    expect(office.media.media.played).to.deep.equal([])
  })

  it('refuses an offer that it cannot meet, and says why', async () => {
    const office = new Office()
    const call = office.call('1002', undefined, audio(['m=audio 4000 RTP/AVP 9']))
    office.clock.advance(200)
    await settled()
    expect(call.refused[0]?.status).to.equal(488)
    expect(office.said('pbx.refused')).to.have.property('text').that.includes('the codecs are G722')
  })

  it('refuses with 503 when no media port is left', async () => {
    const office = new Office()
    office.media.full = true
    const call = office.call('1002')
    office.clock.advance(200)
    await settled()
    expect(call.refused[0]?.status).to.equal(503)
    expect(office.said('pbx.refused')).to.deep.include({ status: 503, text: 'No media port left' })
  })
})

describe('a number that is nobody', () => {
  it('is refused with 404', () => {
    const office = new Office()
    expect(office.call('1009').refused).to.deep.equal([{ status: 404 }])
    expect(office.events).to.deep.equal([
      { type: 'pbx.refused', callId: 'in@caller', status: 404, text: 'no extension 1009' },
    ])
  })
})
