import { expect } from 'chai'
import type { Leg } from '../../src/call/leg.ts'
import type { Placed } from '../../src/call/place.ts'
import type { DatagramSocket } from '../../src/kernel/network.ts'
import type { World } from '../../src/lab/world.ts'
import { beep } from '../../src/media/ears/tone.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import type { IncomingCall } from '../../src/sip/face.ts'
import { parseNameAddr } from '../../src/sip/message/name-addr.ts'
import { PbxLab } from '../support/pbx-lab.ts'
import type { Placement } from '../support/peer.ts'
import { heardHz, RoleLab } from '../support/role-lab.ts'
import { audio } from '../support/sdp-text.ts'
import { passing, virtually, virtualIt } from '../support/virtually.ts'

const ringMs = 50
const talkHz = 700
const extensions = [
  { number: '1001', behaviour: 'rings', ringMs },
  { number: '1002', behaviour: 'answers', ringMs, talk: beep(talkHz, 250) },
  { number: '1003', behaviour: 'busy', ringMs },
] as const

const statusOf = (placed: Placed): number | undefined =>
  placed.type === 'refused' ? placed.response.status : undefined

describe('the PBX between a telephone and its trunk', () => {
  let world: World
  let lab: PbxLab

  const calling = (to: string, placement?: Placement): Promise<Placed> => lab.phone.call(to, lab.hop, placement)
  /** A call for 1003, and what the trunk made of it. */
  const diverted = async (answer: (call: IncomingCall) => Promise<Leg>): Promise<{ near: Leg; far: Leg }> => {
    const coming = lab.trunk.nextCall().then(answer)
    const near = await lab.phone.talk('1003', lab.hop)
    return { near, far: await coming }
  }

  const start = async (given: World): Promise<void> => {
    world = given
    lab = await PbxLab.start(world, extensions)
  }
  const close = async (): Promise<void> => {
    await passing(world.clock, 100)
    const media = lab.logs.flatMap((log) => log.openMedia)
    await lab.close()
    expect(media, 'media left open').to.deep.equal([])
  }
  const it = virtualIt(start, close)

  it('answers a number that nobody has with 404', async () => {
    expect(statusOf(await calling('1999'))).to.equal(404)
    expect(lab.log.of('pbx.refused').map((e) => e.text)).to.deep.equal(['no extension 1999'])
  })

  it('answers OPTIONS with 200, and what it does not do with 405 and what it does', async () => {
    const ask = (method: string) =>
      lab.phone.endpoint.request({ method, uri: 'sip:pbx', hop: lab.hop, from: 'sip:dora@peer.test', to: 'sip:pbx' })
    expect((await ask('OPTIONS')).status).to.equal(200)
    const refused = await ask('REGISTER')
    expect([refused.status, refused.headers.get('Allow')]).to.deep.equal([
      405,
      'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE',
    ])
  })

  describe('with an extension that answers', () => {
    it('lets it ring, and talks until the caller hangs up', async () => {
      const statuses: number[] = []
      const leg = await lab.phone.talk('1002', lab.hop, { progress: (status) => statuses.push(status) })
      const heard = lab.phone.hear(leg)
      await leg.media.play(beep(400, 400))
      await leg.hangUp()
      expect(statuses).to.deep.equal([180])
      expect(heardHz(await heard)[0]).to.equal(talkHz)
      expect(lab.trunk.calls).to.deep.equal([])
    })

    it('refuses an offer it cannot take with 488, and says why', async () => {
      const { outcome } = lab.phone.endpoint.invite({
        uri: 'sip:1002@pbx.inside.test',
        hop: lab.hop,
        from: 'sip:dora@peer.test',
        to: 'sip:1002@pbx.inside.test',
        body: { type: 'application/sdp', bytes: audio(['m=audio 40000 RTP/SAVP 0']) },
      })
      const refused = await outcome
      expect(refused.type === 'refused' && refused.response.status).to.equal(488)
      expect(refused.response.headers.get('Warning')).to.match(/^302 postern/)
      expect(lab.log.of('pbx.refused')[0]?.text).to.equal(refused.response.headers.get('Warning'))
    })
  })

  describe('with an extension that does not answer', () => {
    it('says 180, then 181 after the ring time, and sends the call to the pilot with who diverted it and why', async () => {
      const statuses: number[] = []
      void lab.trunk.nextCall().then((call) => call.refuse({ status: 486 }))
      await calling('1001', {
        from: '"Dora Lind" <sip:+4533120100@peer.test>',
        progress: (status) => statuses.push(status),
      })
      expect(statuses).to.deep.equal([180, 181])
      const [ringing, forwarded] = [lab.log.of('pbx.ringing')[0], lab.log.of('pbx.diverted')[0]]
      expect((forwarded?.at ?? 0) - (ringing?.at ?? 0)).to.be.closeTo(ringMs, 0.001)
      const { request } = lab.trunk.calls[0] ?? {}
      expect(request?.uri).to.equal('sip:7000@sbc.inside.test')
      expect(request?.headers.all('Diversion')).to.deep.equal(['<sip:1001@pbx.inside.test>;reason=no-answer'])
      expect(request?.headers.get('From')).to.match(/^"Dora Lind" <sip:\+4533120100@pbx\.inside\.test>;tag=/)
    })

    it('answers a caller who gives up meanwhile with 487, and diverts nothing', async () => {
      let ringing = (): void => undefined
      const rings = new Promise<void>((resolve) => (ringing = resolve))
      const placing = await lab.phone.place('1001', lab.hop, { progress: () => ringing() })
      await rings
      placing.cancel()
      expect(statusOf(await placing.placed)).to.equal(487)
      const later = lab.trunk.nextCall()
      const second = calling('1001')
      ;(await later).refuse({ status: 486 })
      await second
      expect(lab.trunk.calls).to.have.length(1)
      expect(lab.log.of('pbx.diverted')).to.have.length(1)
    })

    it('passes the CANCEL of a caller who gives up while the trunk rings on', async () => {
      const gone = lab.trunk.nextCall().then(async (call) => {
        call.progress(180)
        return new Promise<string>((resolve) => call.onCancel(() => resolve('cancelled')))
      })
      const placing = await lab.phone.place('1003', lab.hop)
      await lab.log.message('pbx', 'in', '180', 'INVITE')
      placing.cancel()
      expect(statusOf(await placing.placed)).to.equal(487)
      expect(await gone).to.equal('cancelled')
      expect(lab.log.of('pbx.refused'), 'a caller who gave up was refused by nobody').to.deep.equal([])
    })
  })

  describe('diverts', () => {
    it('a call for a busy extension at once, with user-busy', async () => {
      const statuses: number[] = []
      void lab.trunk.nextCall().then((call) => call.refuse({ status: 486 }))
      await calling('1003', { progress: (status) => statuses.push(status) })
      expect(statuses).to.deep.equal([181])
      const { request } = lab.trunk.calls[0] ?? {}
      expect(request?.headers.all('Diversion')).to.deep.equal(['<sip:1003@pbx.inside.test>;reason=user-busy'])
      expect(lab.log.of('pbx.ringing')).to.deep.equal([])
    })

    it('without touching offer or answer: media goes past it', async () => {
      const { near, far } = await diverted((call) => lab.trunk.answer(call))
      const heard = lab.trunk.hear(far)
      await near.media.play(beep(600, 500))
      await near.hangUp()
      expect(heardHz(await heard)).to.deep.equal([600])
      expect(lab.log.of('media.opened')).to.deep.equal([])
    })

    it('and answers the caller’s BYE only when the trunk has answered', async () => {
      let letGo = (): void => undefined
      const held = new Promise<void>((resolve) => (letGo = resolve))
      const { near } = await diverted((call) => lab.trunk.answer(call, { bye: () => held }))
      const gone = near.hangUp()
      await lab.trunk.log.message('peer', 'in', 'BYE')
      expect(lab.log.messages('pbx', 'out', '200', 'BYE')).to.deep.equal([])
      letGo()
      await gone
      const [from] = lab.log.messages('pbx', 'in', '200', 'BYE')
      const [to] = lab.log.messages('pbx', 'out', '200', 'BYE')
      expect(from?.seq).to.be.lessThan(to?.seq ?? 0)
    })

    it('and ends the call when the trunk does', async () => {
      const { near, far } = await diverted((call) => lab.trunk.answer(call))
      await far.hangUp()
      expect((await near.ended).by).to.equal('remote')
    })

    it('and is done with the call when both sides hang up at once', async () => {
      const { near, far } = await diverted((call) => lab.trunk.answer(call))
      await Promise.all([near.hangUp(), far.hangUp()])
      expect([(await near.ended).by, (await far.ended).by]).not.to.include('failed')
    })

    it('and passes the trunk’s refusal on with its words', async () => {
      const headers = [{ name: 'Warning', value: '399 sbc "certificate expired"' }]
      void lab.trunk.nextCall().then((call) => call.refuse({ status: 503, reason: 'Not now', headers }))
      const placed = await calling('1003')
      const {
        status,
        reason,
        headers: got,
      } = placed.type === 'refused' ? placed.response : { status: 0, reason: '', headers: undefined }
      expect([status, reason, got?.get('Warning')]).to.deep.equal([503, 'Not now', headers[0]?.value])
      expect(lab.log.of('pbx.refused')[0]?.text).to.equal('the trunk answered 503 Not now')
    })

    it('nowhere when nobody listens at the other end of the trunk: 503', async () => {
      await lab.close()
      lab = await PbxLab.start(world, extensions, true)
      expect(statusOf(await calling('1003'))).to.equal(503)
      expect(lab.log.of('pbx.refused').map((e) => e.status)).to.deep.equal([503])
    })

    it('nothing for the pilot itself: it goes to the trunk without a Diversion', async () => {
      void lab.trunk.nextCall().then((call) => call.refuse({ status: 404 }))
      expect(
        statusOf(await calling('7000', { headers: [{ name: 'Diversion', value: '<sip:1001@evil.test>' }] })),
      ).to.equal(404)
      expect(lab.trunk.calls[0]?.request.headers.all('Diversion')).to.deep.equal([])
    })
  })

  describe('is not thrown by hostile values', () => {
    const eight = 'x'.repeat(8192)
    const plain = '"Dora" <sip:dora@peer.test>'
    interface Hostile {
      readonly from?: string
      readonly to?: string
      readonly diversion?: string
      /** What From is on the trunk. */
      readonly display?: string
      readonly user?: string
    }
    const values: readonly (readonly [string, Hostile])[] = [
      ['quotes and backslashes', { from: '"a \\"b\\" \\\\ c" <sip:dora@peer.test>', display: 'a "b" \\ c' }],
      ['a folded display name', { from: '"Dora\r\n Lind" <sip:dora@peer.test>', display: 'Dora Lind' }],
      ['8 kB of display name', { from: `"${eight}" <sip:dora@peer.test>`, display: eight }],
      ['8 kB of user', { from: `<sip:${eight}@peer.test>`, user: eight }],
      [
        'an escaped line end in the user',
        { from: '<sip:do%0D%0AX-Evil%3A%201@peer.test>', user: 'do%0D%0AX-Evil%3A%201' },
      ],
      [
        'angle brackets in the display name',
        { from: '"><sip:evil@evil.test>" <sip:dora@peer.test>', display: '><sip:evil@evil.test>' },
      ],
      ['what is not ASCII', { from: '"Dörte 😀 \u0001" <sip:dora@peer.test>', display: 'Dörte 😀 \u0001' }],
      ['another scheme', { from: '<data:text/html,x>', user: 'anonymous' }],
      ['8 kB of To', { to: `"${eight}" <sip:1003@pbx.inside.test>` }],
      ['a Diversion that does not end', { diversion: `"${eight} <sip:1001@evil.test` }],
      ['a Diversion with a line end', { diversion: '<sip:1001@evil.test>;reason="a\r\n b";x=\\' }],
    ]
    let socket: DatagramSocket
    let received: string[]
    let heard = (): void => undefined

    const it = virtualIt(
      async (given) => {
        await start(given)
        received = []
        const network = world.process('raw', '127.0.10.98').network(() => undefined, hostsResolver({}))
        socket = await network.bind({ host: '127.0.10.98', port: 0 }, (bytes) => {
          received.push(Buffer.from(bytes).toString())
          heard()
        })
      },
      async () => {
        await socket.close()
        await close()
      },
    )

    /** The final response to an INVITE with these values. */
    const raw = async (
      name: string,
      { from = plain, to = '<sip:1003@pbx.inside.test>', diversion }: Hostile,
    ): Promise<number> => {
      const body = audio(['m=audio 40000 RTP/AVP 0']).toString()
      const callId = Buffer.from(name).toString('hex')
      const lines = [
        'INVITE sip:1003@pbx.inside.test SIP/2.0',
        `Via: SIP/2.0/UDP 127.0.10.98:${socket.local.port};branch=z9hG4bK${callId}`,
        `From: ${from};tag=${callId}`,
        `To: ${to}`,
        `Call-ID: ${callId}`,
        'CSeq: 1 INVITE',
        'Contact: <sip:127.0.10.98>',
        ...(diversion === undefined ? [] : [`Diversion: ${diversion}`]),
        'Content-Type: application/sdp',
        `Content-Length: ${body.length}`,
      ]
      const answers = new RegExp(`^SIP/2\\.0 ([2-6]\\d\\d) [^]*^Call-ID: ${callId}\r$`, 'm')
      const final = (): string | undefined => received.flatMap((text) => answers.exec(text)?.[1] ?? [])[0]
      socket.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`), { host: '127.0.10.10', port: lab.hop.port })
      for (;;) {
        const status = final()
        if (status !== undefined) return Number(status)
        await new Promise<void>((resolve) => (heard = resolve))
      }
    }

    it('in From, To and Diversion: the call goes on, and no message is broken', async () => {
      const shapes = new Set<string>()
      for (const [what, value] of [['plain', {}] as const, ...values]) {
        const coming = lab.trunk.nextCall()
        const answered = raw(what, value)
        const { request, refuse } = await coming.then((call) => ({
          request: call.request,
          refuse: () => call.refuse({ status: 486 }),
        }))
        refuse()
        expect(await answered, what).to.equal(486)
        const from = parseNameAddr(request.headers.get('From') ?? '')
        if (value.display !== undefined) expect(from?.display, what).to.equal(value.display)
        expect(from?.uri, what).to.equal(`sip:${value.user ?? 'dora'}@pbx.inside.test`)
        expect(request.headers.all('Diversion'), what).to.deep.equal(['<sip:1003@pbx.inside.test>;reason=user-busy'])
        shapes.add([...request.headers].map((field) => field.name).join())
      }
      expect([...shapes], 'headers of the INVITE on the trunk').to.have.length(1)
      expect(lab.trunk.log.of('sip.malformed')).to.deep.equal([])
    })

    it('that make no SIP address: 400', async () => {
      expect(await raw('no address', { from: '"unclosed <sip:dora@peer.test>' })).to.equal(400)
      expect(lab.trunk.calls).to.deep.equal([])
    })
  })
})

describe('a call to the pilot itself', () => {
  it(
    'is refused by voicemail with 404, which reaches the telephone',
    virtually(async (world) => {
      const lab = await RoleLab.start(world)
      const phone = await lab.lab.phone({ name: 'caller', from: '+4533120100' })
      const call = await phone.call('7000')
      expect(call.type === 'refused' && call.status).to.equal(404)
      const refusals = ['voicemail.refused', 'sbc.refused', 'pbx.refused'] as const
      for (const type of refusals)
        expect(
          lab.log.of(type).map((e) => e.status),
          type,
        ).to.deep.equal([404])
      await lab.close()
      expect(lab.log.openMedia).to.deep.equal([])
    }),
  )
})
