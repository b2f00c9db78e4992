import { expect } from 'chai'
import { joinLeg, type Leg } from '../../src/call/leg.ts'
import { Answering } from '../../src/voicemail/answering.ts'
import type { VoicemailEvent } from '../../src/voicemail/events.ts'
import type { OofKnowledge } from '../../src/voicemail/greeting.ts'
import type { Mailbox } from '../../src/voicemail/mailbox.ts'
import { deposit, desk, type Desk } from '../support/fake-deposits.ts'
import { FakeMedia } from '../support/fake-media.ts'
import { FakeSession, settled } from '../support/fake-sip.ts'

const sound = (value: number): Int16Array => new Int16Array(8).fill(value)
const prompts = { standard: sound(1), oof: sound(2) }
const greetings = { standard: sound(3), oof: sound(4) }
const follows = { enabled: true, oofAlways: false, oofFollowsAutomaticReplies: true }

class Answered {
  readonly at: Desk = desk()
  readonly media = new FakeMedia({ bind: '127.0.0.1' }, 30_000)
  readonly asked: string[] = []
  readonly session: FakeSession
  readonly leg: Leg
  readonly over: Promise<void>

  constructor(mailbox: Partial<Mailbox> = {}, oof: OofKnowledge = { known: true, active: false }) {
    const answering: Answering = new Answering({
      deposit,
      mailbox: {
        ...deposit.mailbox,
        settings: { ...follows, oofFollowsAutomaticReplies: false },
        greetings,
        ...mailbox,
      },
      prompts,
      fallback: 'cached',
      limits: { maxMs: 300_000, silenceMs: 5000, stopDigits: '#' },
      oof: (smtp) => {
        this.asked.push(smtp)
        return Promise.resolve(oof)
      },
      deposits: this.at.deposits,
      emit: (event) => void this.at.events.push(event),
    })
    this.session = new FakeSession('call@pbx', { bye: () => answering.hungUp() })
    this.leg = joinLeg(this.session, this.media)
    this.over = answering.run(this.leg)
  }

  /** The greeting and the tone are heard, the recording goes on. */
  async toRecording(): Promise<void> {
    await settled()
    this.media.endPlay()
    await settled()
    this.media.endPlay()
    await settled()
  }

  types(): VoicemailEvent['type'][] {
    return this.at.events.map((event) => event.type)
  }

  choice(): unknown {
    return this.at.events.find((event) => event.type === 'voicemail.greeting')?.choice
  }
}

describe('an answered call', () => {
  it('hears the greeting, then a tone, and only then is recorded, with the limits set', async () => {
    const call = new Answered()
    await settled()
    expect([call.media.played, call.media.recordOrder]).to.deep.equal([[greetings.standard], undefined])
    await call.toRecording()
    expect(call.media.played[1]).to.have.length.above(800)
    const limits = { maxMs: 300_000, silenceMs: 5000, stopDigits: '#' }
    expect(call.media.recordOrder).to.deep.equal({ name: 'd1.pcm', ...limits })
  })

  for (const end of ['digit', 'silence', 'limit'] as const) {
    it(`is ended by us once the message is safe, when the recording ends by ${end}`, async () => {
      const call = new Answered()
      await call.at.record('d1', 4000)
      await call.toRecording()
      call.media.endRecording(end, 4000)
      await call.over
      expect(call.types()).to.deep.equal([
        'voicemail.greeting',
        'voicemail.recording',
        'voicemail.recorded',
        'voicemail.spooled',
      ])
      expect([call.session.byes, call.media.closed]).to.deep.equal([1, true])
    })
  }

  it('has its BYE answered only when the message is safe, and gets none of ours', async () => {
    const call = new Answered()
    await call.at.record('d1', 4000)
    await call.toRecording()
    await call.session.receiveBye()
    expect(call.at.spool.submitted).to.have.length(1)
    await call.over
    await settled()
    expect([call.session.byes, call.at.spool.submitted.length]).to.deep.equal([0, 1])
    expect(call.at.events).to.deep.include({ type: 'voicemail.recorded', deposit: 'd1', ms: 5000, end: 'stopped' })
  })

  it('leaves a missed call when the caller hangs up during the greeting, and nothing is recorded', async () => {
    const call = new Answered()
    await settled()
    await call.session.receiveBye()
    await call.over
    expect([call.media.recordOrder, call.session.byes]).to.deep.equal([undefined, 0])
    expect(call.at.events.at(-1)).to.deep.include({ type: 'voicemail.spooled', kind: 'missed-call' })
  })

  it('saves the message when the line dies without BYE', async () => {
    const call = new Answered()
    await call.at.record('d1', 4000)
    await call.toRecording()
    call.session.fail()
    await call.over
    expect(call.at.events.filter((e) => e.type === 'voicemail.spooled')).to.have.length(1)
    expect(call.at.events.at(-1)).to.deep.include({ kind: 'voice' })
  })

  it('is not left in silence when the media fails: it ends, and leaves a missed call', async () => {
    const call = new Answered()
    await settled()
    call.media.endPlay(false)
    await call.over
    expect(call.session.byes).to.equal(1)
    expect(call.at.events.at(-1)).to.deep.include({ type: 'voicemail.spooled', kind: 'missed-call' })
  })

  it('keeps the message where the spool refuses it, and the call ends all the same', async () => {
    const call = new Answered()
    call.at.spool.refusing = true
    await call.at.record('d1', 4000)
    await call.toRecording()
    call.media.endRecording('digit')
    await call.over
    expect(call.types()).to.include('voicemail.kept')
    expect(await call.at.store.list('')).to.include('d1.pcm')
  })
})

describe('the greeting of an answered call', () => {
  it('asks for the out-of-office state only where a setting needs it', async () => {
    const [never, always] = [new Answered(), new Answered({ settings: follows })]
    await settled()
    expect([never.asked, always.asked]).to.deep.equal([[], ['anna.berg@postern.test']])
  })

  it('is the out-of-office recording while automatic replies are on', async () => {
    const call = new Answered({ settings: follows }, { known: true, active: true })
    await settled()
    expect(call.media.played).to.deep.equal([greetings.oof])
    expect(call.choice()).to.deep.equal({ kind: 'oof', source: 'custom', because: 'automatic replies are on' })
  })

  it('is the regular one when the state cannot be had, and the event says why', async () => {
    const call = new Answered({ settings: follows }, { known: false, text: 'OAuth refused: 401' })
    await settled()
    expect(call.media.played).to.deep.equal([greetings.standard])
    expect(call.choice()).to.have.property('because', 'the out-of-office state is not known: OAuth refused: 401')
  })

  it('is the prompt of the service where nothing was recorded', async () => {
    const call = new Answered({ settings: follows, greetings: {} }, { known: true, active: true })
    await settled()
    expect(call.media.played).to.deep.equal([prompts.oof])
  })
})
