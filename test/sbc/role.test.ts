import { expect } from 'chai'
import type { Leg } from '../../src/call/leg.ts'
import type { Placed } from '../../src/call/place.ts'
import type { World } from '../../src/lab/world.ts'
import { beep } from '../../src/media/ears/tone.ts'
import type { CallOutcome, IncomingCall, Reply } from '../../src/sip/face.ts'
import type { Peer, Placement } from '../support/peer.ts'
import { heardHz } from '../support/role-lab.ts'
import { SbcLab, type SbcLabOrder } from '../support/sbc-lab.ts'
import { audio, cryptoLine } from '../support/sdp-text.ts'
import { passing, virtualCertificates, virtualIt } from '../support/virtually.ts'

const statusOf = (placed: Placed): number | undefined =>
  placed.type === 'refused' ? placed.response.status : undefined

const readOffer = (invite: string): Uint8Array => Buffer.from(invite.slice(invite.indexOf('\r\n\r\n') + 4))

describe('the SBC between a PBX and a voicemail service', () => {
  let world: World
  let lab: SbcLab
  let guests: Peer[]

  const start = async (order?: SbcLabOrder): Promise<void> => {
    lab = await SbcLab.start(world, order)
  }
  const toService = (placement?: Placement): Promise<Placed> => lab.pbx.call('7000', lab.inside, placement)

  /** A call from the PBX that the service has answered. */
  const talking = async (
    answer: (call: IncomingCall) => Promise<Leg> = (call) => lab.service.answer(call),
  ): Promise<{ near: Leg; far: Leg }> => {
    const coming = lab.service.nextCall().then(answer)
    const near = await lab.pbx.talk('7000', lab.inside)
    const far = await coming
    await lab.log.until('sbc.bridged', ({ callId }) => callId === near.session.callId)
    return { near, far }
  }
  const refusing = (reply: Reply): void => void lab.service.nextCall().then((call) => call.refuse(reply))

  const offering = (body: Uint8Array): Promise<CallOutcome> =>
    lab.pbx.endpoint.invite({
      uri: 'sip:7000@sbc.inside.test',
      hop: lab.inside,
      from: 'sip:dora@pbx.inside.test',
      to: 'sip:7000@sbc.inside.test',
      body: { type: 'application/sdp', bytes: body },
    }).outcome

  const it = virtualIt(
    (given) => {
      world = given
      guests = []
    },
    async () => {
      await passing(world.clock, 100)
      const media = lab.logs.flatMap((log) => log.openMedia)
      await Promise.all(guests.map((guest) => guest.close()))
      await lab.close()
      expect(media, 'media left open').to.deep.equal([])
    },
  )

  describe('refuses', () => {
    it('a number without a route with 404', async () => {
      await start()
      expect(statusOf(await lab.pbx.call('5000', lab.inside))).to.equal(404)
      expect(lab.log.of('sbc.refused').map((e) => [e.status, e.text])).to.deep.equal([[404, 'no route for 5000']])
    })

    it('an offer without a codec it has with 488, and says why to the caller and on the bus', async () => {
      await start()
      const outcome = await offering(audio(['m=audio 40000 RTP/AVP 18'], '127.0.10.10'))
      expect(outcome.type === 'refused' && outcome.response.status).to.equal(488)
      const warning = outcome.type === 'refused' ? outcome.response.headers.get('Warning') : undefined
      expect(warning).to.match(/^305 postern ".*G729/)
      expect(lab.log.of('sbc.refused')[0]?.text).to.equal(warning)
      expect(lab.service.calls).to.deep.equal([])
    })

    it('a caller outside whose certificate bears a name that is not the service’s with 403', async () => {
      await start()
      const certificates = await virtualCertificates()
      const guest = await lab.service.sibling('127.0.20.99', await certificates.identity('other.edge.test'))
      guests.push(guest)
      const placed = await guest.call('1001', lab.outside)
      expect(statusOf(placed)).to.equal(403)
      expect(lab.pbx.calls).to.deep.equal([])
    })

    it('a call with 503 and a Retry-After when no media port is left towards the far side', async () => {
      await start({ outsidePorts: [41_800, 41_801] })
      const { near } = await talking()
      const second = await toService()
      expect(statusOf(second)).to.equal(503)
      expect(second.type === 'refused' && second.response.headers.get('Retry-After')).to.match(/^\d+$/)
      expect(lab.log.of('sbc.refused').map((e) => e.status)).to.deep.equal([503])
      await near.hangUp()
    })

    it('a call with 503 and a Retry-After when no media port is left towards the caller, and lets the far side go', async () => {
      await start({ insidePorts: [41_810, 41_811] })
      const { near } = await talking()
      const coming = lab.service.nextCall().then((call) => lab.service.answer(call))
      const second = await toService()
      expect(statusOf(second)).to.equal(503)
      expect(second.type === 'refused' && second.response.headers.get('Retry-After')).to.match(/^\d+$/)
      expect((await (await coming).ended).by).to.equal('remote')
      expect(lab.log.of('sbc.refused').map((e) => e.status)).to.deep.equal([503])
      await near.hangUp()
    })
  })

  describe('passes on', () => {
    for (const status of [486, 403, 503]) {
      it(`the service’s ${status} with its words, and none of its other headers`, async () => {
        await start()
        refusing({
          status,
          reason: 'Not now',
          headers: [
            { name: 'Warning', value: '399 service "why not"' },
            { name: 'X-Secret', value: 'of the outside' },
            { name: 'Contact', value: '<sip:other@127.0.20.31>' },
          ],
        })
        const placed = await toService()
        expect(
          placed.type === 'refused' && [placed.local, placed.response.status, placed.response.reason],
        ).to.deep.equal([false, status, 'Not now'])
        expect(placed.type === 'refused' && placed.response.headers.get('Warning')).to.equal('399 service "why not"')
        expectNothingOf(lab.pbx, ['127.0.20.', 'edge.test', 'Outside', 'X-Secret', 'Record-Route'])
        expect(lab.log.of('sbc.refused').map((e) => e.status)).to.deep.equal([status])
      })
    }

    it('the PBX’s refusal to the outside by its status alone', async () => {
      await start()
      const inside = [{ name: 'Warning', value: '399 pbx.inside.test "127.0.10.10"' }]
      void lab.pbx.nextCall().then((call) => call.refuse({ status: 486, reason: 'pbx.inside.test', headers: inside }))
      expect(statusOf(await lab.service.call('1001', lab.outside))).to.equal(486)
      expectNothingOf(lab.service, ['127.0.10.', 'inside', 'Inside', 'Warning'])
    })

    it('nothing of an answer’s own headers but its sound', async () => {
      await start()
      const coming = lab.service.nextCall().then((call) => {
        call.progress(183, { headers: [{ name: 'X-Secret', value: 'early' }] })
        const { body } = { body: { type: 'application/sdp', bytes: savpAnswer } }
        return call.accept({
          body,
          headers: [
            { name: 'Record-Route', value: '<sip:proxy.edge.test;lr>' },
            { name: 'X-Secret', value: 'late' },
            { name: 'Server', value: 'Outside service 1.0' },
          ],
        })
      })
      const near = await lab.pbx.talk('7000', lab.inside)
      await coming
      await near.hangUp()
      expectNothingOf(lab.pbx, ['127.0.20.', 'edge.test', 'Outside', 'X-Secret', 'Record-Route'])
      expect(lab.pbx.log.messages('peer', 'in', '183', 'INVITE')).to.have.length(1)
    })

    it('a CANCEL while the far side rings, answers 487, and keeps no media port', async () => {
      await start()
      const gone = lab.service.nextCall().then(async (call) => {
        call.progress(180)
        return new Promise<string>((resolve) => call.onCancel(() => resolve('cancelled')))
      })
      let ringing = (): void => undefined
      const rings = new Promise<void>((resolve) => (ringing = resolve))
      const placing = await lab.pbx.place('7000', lab.inside, { progress: (status) => status === 180 && ringing() })
      await rings
      placing.cancel()
      expect(statusOf(await placing.placed)).to.equal(487)
      expect(await gone).to.equal('cancelled')
      await lab.service.log.message('peer', 'in', 'ACK')
      await lab.log.until('media.closed')
      expect(lab.log.openMedia).to.deep.equal([])
      expect(lab.log.of('sbc.refused'), 'a caller who gave up was refused by nobody').to.deep.equal([])
    })

    it('nothing twice when both sides hang up at once: both calls are over', async () => {
      await start()
      const { near, far } = await talking()
      await Promise.all([near.hangUp(), far.hangUp()])
      await closedMedia(2)
    })

    it('the far side’s BYE to the near side', async () => {
      await start()
      const { near, far } = await talking()
      await far.hangUp()
      expect((await near.ended).by).to.equal('remote')
      await closedMedia(2)
    })

    it('the near side’s BYE, and answers it only when the far side has answered', async () => {
      await start()
      let letGo = (): void => undefined
      const held = new Promise<void>((resolve) => (letGo = resolve))
      const { near } = await talking((call) => lab.service.answer(call, { bye: () => held }))
      const gone = near.hangUp()
      await lab.service.log.message('peer', 'in', 'BYE')
      expect(lab.log.messages('sbc', 'out', '200', 'BYE')).to.deep.equal([])
      letGo()
      await gone
      const [from] = lab.log.messages('sbc', 'in', '200', 'BYE')
      const [to] = lab.log.messages('sbc', 'out', '200', 'BYE')
      expect(from?.seq).to.be.lessThan(to?.seq ?? 0)
      await closedMedia(2)
    })

    it('INFO with its body, and the answer’s status', async () => {
      await start()
      const asked: string[] = []
      const { near } = await talking((call) =>
        lab.service.answer(call, {
          request: ({ method, body, headers }) => {
            asked.push(`${method} ${Buffer.from(body).toString()} ${headers.get('X-Inside') ?? '-'}`)
            return Promise.resolve({ status: 202 })
          },
        }),
      )
      const response = await near.session.request('INFO', {
        headers: [{ name: 'X-Inside', value: 'pbx' }],
        body: { type: 'application/dtmf-relay', bytes: Buffer.from('Signal=5') },
      })
      expect([response.status, asked]).to.deep.equal([202, ['INFO Signal=5 -']])
      await near.hangUp()
    })
  })

  it('has a session timer of its own on each side, and answers a refresh itself (RFC 4028)', async () => {
    await start({ sessionTimer: { expiresMs: 1_800_000, minMs: 90_000 } })
    const coming = lab.service.nextCall().then(async (call) => ({ call, far: await lab.service.answer(call) }))
    const asked = { 'Session-Expires': '600;refresher=uac', 'Min-SE': '300' }
    const headers = Object.entries(asked).map(([name, value]) => ({ name, value }))
    const near = await lab.pbx.talk('7000', lab.inside, { headers })
    const { call, far } = await coming
    await lab.log.until('sbc.bridged')
    expect(['Session-Expires', 'Min-SE'].map((name) => call.request.headers.get(name))).to.deep.equal([
      '1800',
      undefined,
    ])
    const [answer] = lab.pbx.log.messages('peer', 'in', '200', 'INVITE')
    expect(answer?.text).to.include('Session-Expires: 600;refresher=uac\r\n')
    const again = readOffer(lab.pbx.log.messages('peer', 'out', 'INVITE')[0]?.text ?? '')
    const refreshes = [
      await near.session.request('UPDATE'),
      await near.session.request('INVITE', { body: { type: 'application/sdp', bytes: again } }),
      await far.session.request('UPDATE'),
    ]
    expect(refreshes.map(({ status }) => status)).to.deep.equal([200, 200, 200])
    expect(refreshes.map(({ headers: fields }) => fields.get('Session-Expires'))).to.deep.equal([
      '600;refresher=uac',
      '600;refresher=uac',
      '1800;refresher=uas',
    ])
    expect(
      lab.log.messages('sbc', 'out', 'UPDATE').length + lab.service.log.messages('peer', 'in', 'UPDATE').length,
    ).to.equal(0)
    await near.hangUp()
  })

  describe('relays', () => {
    it('sound both ways between RTP and SRTP, and digits', async () => {
      await start()
      const { near, far } = await talking()
      const digits: string[] = []
      far.media.onDigit((digit) => digits.push(digit))
      const heard = Promise.all([lab.pbx.hear(near), lab.service.hear(far)])
      await Promise.all([near.media.play(beep(600, 500)), far.media.play(beep(900, 500))])
      await near.media.sendDigits('5#')
      await near.hangUp()
      const [byNear, byFar] = await heard
      expect([heardHz(byNear), heardHz(byFar), digits]).to.deep.equal([[900], [600], ['5', '#']])
      expect(lab.log.of('sbc.bridged')[0]).to.include({ codec: 'PCMU', srtp: true })
      for (const { rejected } of lab.log.of('media.closed')) expect(rejected).to.equal(0)
    })

    it('a codec by the caller’s own number for it, and digits only where both sides have them', async () => {
      await start()
      const coming = lab.service
        .nextCall()
        .then((call) => call.accept({ body: { type: 'application/sdp', bytes: savpAnswer } }))
      const offer = ['m=audio 40000 RTP/AVP 96 97', 'a=rtpmap:96 PCMU/8000', 'a=rtpmap:97 telephone-event/8000']
      const outcome = await offering(audio(offer, '127.0.10.10'))
      await coming
      const answer = outcome.type === 'answered' ? Buffer.from(outcome.response.body).toString() : ''
      expect(answer)
        .to.match(/^m=audio \d+ RTP\/AVP 96\r$/m)
        .and.to.include('a=rtpmap:96 PCMU/8000')
      if (outcome.type === 'answered') await outcome.session.bye()
    })
  })

  describe('answers for a far side', () => {
    it('that refuses its certificate with 503, and says which', async () => {
      await start({ flaw: 'expired' })
      const placed = await toService()
      expect(statusOf(placed)).to.equal(503)
      expect((await lab.service.log.until('tls.refused')).reason).to.equal('certificate-expired')
      expect(lab.log.of('tls.refused-by-peer')).to.have.length(1)
      expect(lab.log.of('sbc.refused')[0]?.text).to.include('voicemail.edge.test')
      expect(lab.service.calls).to.deep.equal([])
    })

    it('that does not listen with 503', async () => {
      await start()
      expect(statusOf(await lab.pbx.call('8000', lab.inside))).to.equal(503)
      expect(lab.log.of('sbc.refused')[0]?.text).to.match(/127\.0\.20\.30:9/)
    })

    it('that answers with a description it cannot take with 502, and ends that call', async () => {
      await start()
      const ended = lab.service.nextCall().then(async (call) => {
        const bytes = audio(['m=audio 40000 RTP/AVP 0'], '127.0.20.30')
        return call.accept({ body: { type: 'application/sdp', bytes } }).ended
      })
      expect(statusOf(await toService())).to.equal(502)
      expect((await ended).by).to.equal('remote')
      expect(lab.log.of('sbc.refused')[0]?.text).to.include('RTP/SAVP is required')
    })
  })

  it('ends the call on both sides when it is closed', async () => {
    await start()
    const { near, far } = await talking()
    await lab.sbc.close()
    expect([(await near.ended).by, (await far.ended).by]).to.deep.equal(['remote', 'remote'])
    await closedMedia(2)
  })

  it('takes hostile names and diversions across without breaking a message', async () => {
    await start()
    const long = 'x'.repeat(8192)
    const froms = [
      '"a \\"b\\" \\\\" <sip:dora@pbx.inside.test>',
      `"${long}" <sip:${long}@pbx.inside.test>`,
      '<sip:do%0D%0AX-Evil%3A%201@x>',
    ]
    const diversions = [
      '"unclosed <sip:1001@x>',
      `"${long}" <sip:1001@x>;reason="no answer"`,
      '<sip:1%0D%0AX-Evil%3A1@x>',
    ]
    const headers = diversions.map((value) => ({ name: 'Diversion', value }))
    const shapes = new Set<string>()
    for (const from of froms) {
      const coming = lab.service.nextCall()
      const refused = toService({ from, headers })
      const call = await coming
      call.refuse({ status: 486 })
      expect(statusOf(await refused)).to.equal(486)
      shapes.add([...call.request.headers].map(({ name }) => name).join())
    }
    expect([...shapes], 'headers of the INVITE outside').to.have.length(1)
    expect([...shapes][0]).not.to.include('X-Evil')
    expect(lab.service.log.of('sip.malformed')).to.deep.equal([])
  })

  const savpAnswer = audio(['m=audio 40000 RTP/SAVP 0', cryptoLine], '127.0.20.30')

  async function closedMedia(count: number): Promise<void> {
    while (lab.log.of('media.closed').length < count) {
      const seen = lab.log.events.length
      await lab.log.until('media.closed', ({ seq }) => seq > seen)
    }
    expect(lab.log.openMedia).to.deep.equal([])
  }

  /** None of these texts stands in a message that the peer received. */
  function expectNothingOf(peer: Peer, texts: readonly string[]): void {
    const received = peer.log.messages('peer', 'in', '').map(({ text }) => text)
    expect(received).not.to.deep.equal([])
    for (const text of texts)
      expect(
        received.filter((message) => message.includes(text)),
        text,
      ).to.deep.equal([])
  }
})
