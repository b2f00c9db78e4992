import { expect } from 'chai'
import type { Authorization } from '../../src/exchange/exchange.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { World } from '../../src/lab/world.ts'
import { beep, findTones } from '../../src/media/ears/tone.ts'
import { readWav } from '../../src/media/wav.ts'
import type { Leg } from '../../src/call/leg.ts'
import type { CallOutcome } from '../../src/sip/face.ts'
import type { Peer } from '../support/peer.ts'
import { altered, beepHz, diversion, greetingHz, heardHz, RoleLab, type RoleLabOrder } from '../support/role-lab.ts'
import { audio, cryptoLine } from '../support/sdp-text.ts'
import { passing, virtualCertificates, virtualIt } from '../support/virtually.ts'

const speechHz = 880
const speech = (ms: number): Int16Array => beep(speechHz, ms)

describe('voicemail, called directly over TLS and SRTP', () => {
  let world: World
  let lab: RoleLab
  let peers: Peer[] = []

  const start = async (order?: RoleLabOrder): Promise<Peer> => {
    lab = await RoleLab.start(world, order)
    return join()
  }
  const join = async (order?: Parameters<RoleLab['peer']>[0]): Promise<Peer> => {
    const peer = await lab.peer(order)
    peers.push(peer)
    return peer
  }
  const called = (peer: Peer, number = '1001'): Promise<Leg> =>
    peer.talk('7000', lab.voicemail, { headers: [diversion(number)] })
  const recording = (leg: Leg): Promise<unknown> =>
    lab.log.until('voicemail.recording', ({ callId }) => callId === leg.session.callId)

  /** Leaves a message of 200 ms. */
  const deposited = async (peer: Peer): Promise<void> => {
    const leg = await called(peer)
    await recording(leg)
    await leg.media.play(speech(200))
    await leg.hangUp()
  }
  const expectSpooledBeforeByeAnswer = (): void => {
    const [spooled] = lab.log.of('mail.spooled')
    const [answer] = lab.log.messages('voicemail', 'out', '200', 'BYE')
    expect(spooled?.seq, 'mail.spooled').to.be.lessThan(answer?.seq ?? 0)
  }

  const it = virtualIt(
    (given) => {
      world = given
      peers = []
    },
    async () => {
      await passing(world.clock, 100)
      const media = [lab, ...peers].flatMap(({ log }) => log.openMedia)
      await Promise.all(peers.map((peer) => peer.close()))
      await lab.close()
      expect(media, 'media left open').to.deep.equal([])
    },
  )

  describe('refuses', () => {
    interface Invite {
      readonly number?: string
      readonly type?: string
      readonly body?: Uint8Array
    }
    const savp = (...lines: readonly string[]): Uint8Array =>
      audio(['m=audio 40000 RTP/SAVP 0', ...lines], '127.0.20.99')

    /** An INVITE with that body. */
    const invited = async (peer: Peer, { number, type = 'application/sdp', body }: Invite): Promise<CallOutcome> =>
      peer.endpoint.invite({
        uri: 'sip:7000@voicemail.edge.test',
        hop: lab.voicemail,
        from: 'sip:dora@peer.test',
        to: 'sip:7000@voicemail.edge.test',
        headers: number === undefined ? [] : [diversion(number)],
        ...(body === undefined ? {} : { body: { type, bytes: body } }),
      }).outcome

    const cases: readonly (readonly [string, Invite, number, string?, RegExp?])[] = [
      ['a call that nobody diverted with 404', { body: savp(cryptoLine) }, 404],
      ['a call for a number without a mailbox with 404', { number: '1999', body: savp(cryptoLine) }, 404],
      ['a call for a mailbox whose voicemail is off with 480', { number: '1003', body: savp(cryptoLine) }, 480],
      [
        'an offer of plain RTP with 488, saying that RTP/SAVP is required',
        { number: '1001', body: audio(['m=audio 40000 RTP/AVP 0']) },
        488,
        'Warning',
        /^302 postern ".*RTP\/AVP.*RTP\/SAVP is required"$/,
      ],
      [
        'an offer of an unknown crypto suite with 488, naming the one it knows',
        { number: '1001', body: savp(cryptoLine.replace('AES_CM_128_HMAC_SHA1_80', 'F8_128_HMAC_SHA1_80')) },
        488,
        'Warning',
        /^306 postern ".*AES_CM_128_HMAC_SHA1_80/,
      ],
      [
        'an offer without a codec it has with 488',
        { number: '1001', body: audio(['m=audio 40000 RTP/SAVP 18', cryptoLine]) },
        488,
        'Warning',
        /^305 postern ".*G729/,
      ],
      ['an INVITE without an offer with 488', { number: '1001' }, 488, 'Warning', /^399 postern "an offer/],
      ['a session description that is none with 400', { number: '1001', body: Buffer.from('v=0\r\nm=\r\n') }, 400],
      ['text that is no session description with 400', { number: '1001', body: Buffer.from('hello') }, 400],
      [
        'a body of another type with 415, naming the type it takes',
        { number: '1001', type: 'text/plain', body: savp(cryptoLine) },
        415,
        'Accept',
        /^application\/sdp$/,
      ],
    ]

    it('what it cannot take, each with the status and the words that say why', async () => {
      const peer = await start({
        sounds: (sounds) => ({
          ...sounds,
          mailboxes: sounds.mailboxes.map((m) =>
            m.number === '1003' ? { ...m, settings: { ...m.settings, enabled: false } } : m,
          ),
        }),
      })
      for (const [what, invite, status, name, value] of cases) {
        const outcome = await invited(peer, invite)
        expect(outcome.type, what).to.equal('refused')
        if (outcome.type !== 'refused') return
        expect(outcome.response.status, what).to.equal(status)
        expect(outcome.local, what).to.equal(false)
        if (name !== undefined) expect(outcome.response.headers.get(name), what).to.match(value ?? /./)
        const said = lab.log.of('voicemail.refused', (e) => e.callId === outcome.response.headers.get('Call-ID'))
        expect(
          said.map((e) => e.status),
          what,
        ).to.deep.equal([status])
        expect(said[0]?.text, what).to.match(/\w+ \w+/)
      }
      expect(lab.log.of('media.opened')).to.deep.equal([])
      expect(lab.log.of('voicemail.answered')).to.deep.equal([])
    })

    it('a caller without a certificate before it has said a byte', async () => {
      await start()
      const peer = await join({ known: false })
      const outcome = await peer.call('7000', lab.voicemail, { headers: [diversion('1001')] })
      expect(outcome.type === 'refused' && outcome.local && outcome.response.status).to.equal(503)
      expect(outcome.type === 'refused' && outcome.error)
        .to.be.instanceOf(PosternError)
        .with.property('code', 'tls-refused-by-peer')
      expect((await lab.log.until('tls.refused')).reason).to.equal('certificate-missing')
      expect(lab.log.of('tls.refused')[0]?.station).to.equal('voicemail')
      expect(peer.log.of('tls.refused-by-peer')).to.have.length(1)
      expect(lab.log.messages('voicemail', 'in', '')).to.deep.equal([])
    })

    it('a caller whose certificate has expired', async () => {
      await start()
      const identity = await (await virtualCertificates()).identity('sbc.edge.test', 'expired')
      const peer = await join({ identity })
      const outcome = await peer.call('7000', lab.voicemail, { headers: [diversion('1001')] })
      expect(outcome.type === 'refused' && outcome.local && outcome.response.status).to.equal(503)
      expect((await lab.log.until('tls.refused')).reason).to.equal('certificate-expired')
      expect(lab.log.messages('voicemail', 'in', '')).to.deep.equal([])
    })

    it('a caller whose certificate bears another name with 403', async () => {
      await start()
      const identity = await (await virtualCertificates()).identity('other.edge.test')
      const peer = await join({ identity })
      const outcome = await peer.call('7000', lab.voicemail, { headers: [diversion('1001')] })
      expect(outcome.type === 'refused' && !outcome.local && outcome.response.status).to.equal(403)
      expect((await lab.log.until('voicemail.refused')).text)
        .to.include('other.edge.test')
        .and.to.include('sbc.edge.test')
    })

    it('every call with 503 and a Retry-After while its disk takes no note of a deposit', async () => {
      const refuse = (): Promise<never> => Promise.reject(new PosternError('store-failed', 'the disk is full'))
      world = altered(world, (process) => ({
        store(folder) {
          const store = process.store(folder)
          return folder.endsWith('/recordings') ? { ...store, write: refuse } : store
        },
      }))
      const peer = await start()
      const outcome = await peer.call('7000', lab.voicemail, { headers: [diversion('1001')] })
      expect(outcome.type === 'refused' && outcome.response.status).to.equal(503)
      expect(outcome.type === 'refused' && outcome.response.headers.get('Retry-After')).to.match(/^\d+$/)
      expect(lab.log.of('voicemail.refused')[0]?.text).to.include('the disk is full')
    })

    it('a call for which no media port is left with 503 and a Retry-After', async () => {
      const peer = await start({
        file: (file) => ({ ...file, voicemail: { ...file.voicemail, media: [41_700, 41_701] } }),
      })
      const first = await called(peer)
      const outcome = await peer.call('7000', lab.voicemail, { headers: [diversion('1002')] })
      expect(outcome.type === 'refused' && outcome.response.status).to.equal(503)
      expect(outcome.type === 'refused' && outcome.response.headers.get('Retry-After')).to.match(/^\d+$/)
      expect(lab.log.of('voicemail.refused').map((e) => e.status)).to.deep.equal([503])
      await first.hangUp()
    })
  })

  describe('records', () => {
    /** What a caller does once the recording runs, and what must come of it: how it ends, its ms, and those of the speech in it. */
    const endings: readonly (readonly [string, (leg: Leg) => Promise<unknown>, string, number, number])[] = [
      ['the key #', (leg) => leg.media.play(speech(400)).then(() => leg.media.sendDigits('#')), 'digit', 540, 400],
      ['silence', (leg) => leg.media.play(speech(400)), 'silence', 1120, 400],
      ['the longest message', (leg) => leg.media.play(speech(2000)), 'limit', 1500, 1380],
      ['hanging up', (leg) => leg.media.play(speech(400)).then(() => leg.hangUp()), 'stopped', 540, 400],
    ]

    it('until #, silence, the limit or the end of the call, and sends one voice mail of that length each', async () => {
      const peer = await start({
        file: (file) => ({ ...file, voicemail: { ...file.voicemail, silence: 600, 'longest-message': 1500 } }),
      })
      const one = async ([what, act, end, ms, speechMs]: (typeof endings)[number]): Promise<void> => {
        const leg = await called(peer)
        await recording(leg)
        await act(leg)
        await leg.ended
        const { deposit } = await lab.log.until('voicemail.answered', (e) => e.callId === leg.session.callId)
        const recorded = await lab.log.until('voicemail.recorded', (e) => e.deposit === deposit)
        expect(recorded.end, what).to.equal(end)
        expect(recorded.ms, what).to.be.closeTo(ms, 20)
        const spooled = await lab.log.until('voicemail.spooled', (e) => e.deposit === deposit)
        expect(spooled.kind, what).to.equal('voice')
        const mails = await lab.mails('1001', endings.length)
        const mail = mails.filter((m) => m.messageId === `<${spooled.messageId}>`)
        expect(
          mail.map((m) => [m.kind, m.callId]),
          what,
        ).to.deep.equal([['voice', leg.session.callId]])
        const { samples } = readWav(mail[0]?.wav ?? new Uint8Array())
        expect(samples.length / 8, what).to.equal(recorded.ms)
        const [said] = findTones(samples)
        expect(said?.frequencyHz, what).to.be.closeTo(speechHz, 10)
        expect((said?.toMs ?? 0) - (said?.fromMs ?? 0), what).to.be.closeTo(speechMs, 10)
      }
      await Promise.all(endings.map(one))
      expect((await lab.mails('1001', 4)).length).to.equal(endings.length)
    })

    it('nothing of a caller who hangs up during the greeting: a missed call, spooled before the BYE is answered', async () => {
      const peer = await start({ sounds: longGreeting })
      const leg = await called(peer)
      await lab.log.until('voicemail.greeting')
      await leg.hangUp()
      expect(lab.log.of('voicemail.spooled').map((e) => e.kind)).to.deep.equal(['missed-call'])
      expectSpooledBeforeByeAnswer()
      const mails = await lab.mails('1001')
      expect(mails.map((m) => [m.kind, m.caller, m.wav])).to.deep.equal([['missed-call', 'dora', undefined]])
    })

    it('the message of a caller who hangs up, and has it spooled before the BYE is answered', async () => {
      const peer = await start()
      await deposited(peer)
      expectSpooledBeforeByeAnswer()
      expect((await lab.mails('1001')).map((m) => m.kind)).to.deep.equal(['voice'])
    })

    it('who called, whatever the name is made of, without a header of their own in the mail', async () => {
      const peer = await start()
      const from = '"Eve \\"<e@x>\\" =?utf-8?q?=0D=0ABcc:_x?= Dörte" <sip:eve%0D%0ABcc%3A%20evil@peer.test>'
      const leg = await peer.talk('7000', lab.voicemail, { from, headers: [diversion('1001')] })
      await leg.hangUp()
      const [mail] = await lab.mails('1001')
      expect([mail?.kind, mail?.to]).to.deep.equal(['missed-call', ['anna.berg@postern.test']])
      expect(mail?.headers.has('bcc')).to.equal(false)
      expect(mail?.callerName).to.include('Dörte')
    })

    it('too little to be a message: a missed call', async () => {
      const peer = await start({ file: (file) => ({ ...file, voicemail: { ...file.voicemail, 'too-short': 60_000 } }) })
      await deposited(peer)
      expect((await lab.mails('1001')).map((m) => m.kind)).to.deep.equal(['missed-call'])
    })

    it('that there was a call when the lab is closed in the middle of one, however slow its disk', async () => {
      world = altered(world, (process) => ({
        store(folder) {
          const store = process.store(folder)
          return { ...store, read: (name) => passing(process.clock, 4000).then(() => store.read(name)) }
        },
      }))
      const peer = await start({ sounds: longGreeting })
      const greeted = await called(peer)
      await lab.log.until('voicemail.greeting')
      await lab.close()
      expect((await greeted.ended).by).to.equal('remote')
      expect(lab.log.of('voicemail.kept')).to.deep.equal([])
      expect(lab.log.of('voicemail.spooled').map((e) => e.kind)).to.deep.equal(['missed-call'])
    })
  })

  describe('sends the mail', () => {
    it('again where Exchange is busy: one voice mail arrives', async () => {
      const peer = await start()
      lab.lab.injectSmtpFault({ at: 'recipient', reply: '451 4.7.0 busy', times: 1 })
      await deposited(peer)
      expect((await lab.mails('1001')).map((m) => m.kind)).to.deep.equal(['voice'])
      await lab.log.until('mail.delivered')
      expect(lab.log.of('mail.attempt').map((e) => e.outcome)).to.deep.equal(['deferred', 'accepted'])
    })

    it('to the postmaster as a non-delivery report where Exchange does not know the mailbox', async () => {
      const peer = await start({
        sounds: (sounds) => ({
          ...sounds,
          mailboxes: sounds.mailboxes.map((m) => ({ ...m, smtp: 'nobody@postern.test' })),
        }),
      })
      await deposited(peer)
      const [report, ...more] = await lab.mails('postmaster')
      expect(more).to.deep.equal([])
      expect(report?.kind).to.equal('non-delivery')
      expect(report?.text)
        .to.include('nobody@postern.test')
        .and.to.match(/550 5\.1\.\d+/)
      const [raw] = await lab.lab.mails('postmaster')
      expect(Buffer.from(raw?.message ?? []).toString()).to.match(/message\/rfc822[^]*Content-Class: Voice/)
    })
  })

  describe('with Exchange refusing to say who is out of office', () => {
    const faults: readonly Authorization[] = [
      'application-disabled',
      'application-missing',
      'certificate-expired',
      'certificate-not-uploaded',
      'wrong-audience',
      'sfb-missing',
    ]
    const away = (): void => lab.lab.setAutomaticReplies('1001', 'on')
    const tones = async (leg: Leg, peer: Peer): Promise<readonly number[]> => {
      const heard = peer.hear(leg)
      await recording(leg)
      await leg.media.play(speech(150))
      await leg.hangUp()
      return heardHz(await heard)
    }

    it('plays the out-of-office greeting while all is well', async () => {
      const peer = await start()
      away()
      expect(await tones(await called(peer), peer)).to.deep.equal([greetingHz.oof, beepHz])
    })

    it('plays the regular greeting whatever is wrong with the authorization, and delivers the message', async () => {
      const peer = await start()
      away()
      const played: Promise<readonly number[]>[] = []
      for (const fault of faults) {
        lab.lab.setAuthorization(fault)
        const leg = await called(peer)
        played.push(tones(leg, peer))
        const { choice } = await lab.log.until('voicemail.greeting', (e) => e.callId === leg.session.callId)
        expect(choice.because, fault).to.match(/^the out-of-office state is not known: \w+/)
      }
      const regular = faults.map(() => [greetingHz.standard, beepHz])
      expect(await Promise.all(played)).to.deep.equal(regular)
      expect(lab.log.of('oauth.refused').length).to.be.at.least(faults.length)
      expect((await lab.mails('1001', faults.length)).map((m) => m.kind)).to.deep.equal(faults.map(() => 'voice'))
    })

    it('plays the system prompt where the lab file asks for it', async () => {
      const peer = await start({
        file: (file) => ({ ...file, voicemail: { ...file.voicemail, 'greeting-without-oauth': 'system' } }),
      })
      away()
      lab.lab.setAuthorization('application-disabled')
      expect(await tones(await called(peer), peer)).to.deep.equal([greetingHz.systemStandard, beepHz])
      expect((await lab.mails('1001')).map((m) => m.kind)).to.deep.equal(['voice'])
    })

    it('plays the regular greeting when web services do not answer in time; nobody has to wait for that to hang up', async () => {
      world = altered(world, (process) => ({
        hostHttp: (order) => process.hostHttp({ ...order, handler: () => new Promise(() => undefined) }),
      }))
      const peer = await start()
      away()
      const impatient = await called(peer, '1002')
      const began = world.clock.now()
      const patient = called(peer).then((leg) => tones(leg, peer))
      await impatient.hangUp()
      expect(world.clock.now() - began, 'ms until the BYE was answered').to.be.lessThan(10)
      expect(lab.log.of('voicemail.spooled').map((e) => e.kind)).to.deep.equal(['missed-call'])
      expect(await patient).to.deep.equal([greetingHz.standard, beepHz])
      expect((await lab.mails('1001')).map((m) => m.kind)).to.deep.equal(['voice'])
      const greeted = lab.log.of('voicemail.greeting').filter((e) => e.callId === impatient.session.callId)
      expect(greeted, 'nobody is greeted who has gone').to.deep.equal([])
    })
  })
})

const longGreeting: NonNullable<RoleLabOrder['sounds']> = (sounds) => ({
  ...sounds,
  mailboxes: sounds.mailboxes.map((m) => ({ ...m, greetings: { standard: beep(greetingHz.standard, 10_000) } })),
})
