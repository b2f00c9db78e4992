import { expect } from 'chai'
import type { LabEvent } from '../../src/lab/events.ts'
import { encode } from '../../src/media/g711.ts'
import { writeWav } from '../../src/media/wav.ts'
import { readSound } from '../../src/lab/audio.ts'
import { eventCheck, hearCheck, mailCheck, noEventCheck, noMailCheck, type Found } from '../../src/scenario/checks.ts'
import type { MailResult } from '../../src/scenario/result.ts'
import { Watch } from '../../src/scenario/watch.ts'
import { FakeLab } from '../support/fake-lab.ts'
import { settled } from '../support/fake-sip.ts'
import { missedCall, voiceMail } from '../support/voice-mail.ts'

const delivered = { type: 'exchange.mail', mailbox: 'anna.berg', outcome: 'delivered' } as const

class Trial {
  readonly lab = new FakeLab()
  readonly watch = new Watch(this.lab.clock)
  readonly kept: MailResult[] = []

  constructor() {
    this.watch.follow(this.lab.bus)
  }

  say(station: string, event: LabEvent): void {
    this.lab.bus.from(station)(event)
  }

  /** A mail lies in the mailbox, and Exchange says so. */
  arrive(message: Uint8Array): void {
    this.lab.stored.push({ name: String(this.lab.stored.length), message })
    this.say('exchange', delivered)
  }

  /** The mail was found and read: what is still asked about it comes next. */
  async read(): Promise<void> {
    while (this.kept.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await settled()
  }

  mail(wanted: Partial<Parameters<typeof mailCheck>[0]> = {}, sounds = new Map<string, Int16Array>()): Promise<Found> {
    const order = { to: '1001', kind: 'voice' as const, within: 15_000, ...wanted }
    return mailCheck(order, this.lab, this.watch, sounds, (mail) => this.kept.push(mail))
  }
}

const heard = (name: string, confidence = 0.97) => ({ name, fromMs: 0, toMs: 1000, confidence, coverage: 1 })

describe('hear', () => {
  it('passes when the greeting was heard, among others', () => {
    const { watch } = new Trial()
    expect(hearCheck('b', [heard('a'), heard('b', 0.934)], watch)).to.deep.equal({
      verdict: 'passed',
      observed: 'heard b (0.93)',
    })
  })

  it('fails with what was heard instead, or that it was nothing known, and who is at fault', () => {
    const { watch } = new Trial()
    expect(hearCheck('oof', [heard('standard', 0.93)], watch)).to.deep.include({
      verdict: 'failed',
      expected: 'oof',
      observed: 'heard standard (0.93)',
      station: 'voicemail',
    })
    expect(hearCheck('oof', [], watch).observed).to.equal('heard nothing that is known')
  })
})

describe('event', () => {
  const refusal = { type: 'voicemail.refused', callId: 'c', status: 403, text: 'wrong name' } as const
  const wanted = { type: 'voicemail.refused', within: 5000 }

  it('passes on one that has happened or comes in time, and tells it in one line', async () => {
    const trial = new Trial()
    const soon = eventCheck(wanted, trial.watch)
    trial.say('voicemail', refusal)
    const found = { verdict: 'passed', observed: 'voicemail voicemail.refused 403 wrong name', evidence: [1] }
    expect(await soon).to.deep.equal(found)
    expect(await eventCheck({ ...wanted, station: 'voicemail', with: { status: 403 } }, trial.watch)).to.deep.equal(
      found,
    )
  })

  it('fails after its time with the nearest miss', async () => {
    for (const miss of [{ station: 'sbc' }, { with: { status: 404 } }, { with: { nothing: true } }]) {
      const trial = new Trial()
      trial.say('voicemail', refusal)
      const checked = eventCheck({ ...wanted, ...miss }, trial.watch)
      trial.lab.clock.advance(5000)
      expect(await checked).to.deep.include({
        verdict: 'failed',
        observed: 'voicemail voicemail.refused 403 wrong name',
        evidence: [1],
      })
    }
  })

  it('says so when none of that type happened', async () => {
    const trial = new Trial()
    const checked = eventCheck({ ...wanted, station: 'voicemail' }, trial.watch)
    trial.lab.clock.advance(5000)
    expect(await checked).to.deep.include({
      expected: 'voicemail to say voicemail.refused {}',
      observed: 'no voicemail.refused happened',
    })
  })
})

describe('mail', () => {
  it('passes when it lies there, and keeps it for the report', async () => {
    const trial = new Trial()
    const message = await voiceMail(new Int16Array(8000))
    trial.arrive(message)
    const found = await trial.mail({ from: '+4533120100' })
    expect(found).to.deep.equal({ verdict: 'passed', observed: 'voice mail "Voice Mail from +4533120100 (4 seconds)"' })
    expect(trial.kept[0]).to.deep.include({ mailbox: '1001', message })
    expect(trial.kept[0]?.recording).to.have.length.above(8000)
  })

  it('waits for it, past mails of another kind', async () => {
    const trial = new Trial()
    trial.arrive(await missedCall())
    const found = trial.mail()
    await settled()
    trial.arrive(await voiceMail(new Int16Array(8000)))
    expect((await found).verdict).to.equal('passed')
  })

  it('fails when it has not come in time, and says who is at fault', async () => {
    const trial = new Trial()
    trial.say('voicemail', { type: 'mail.undeliverable', id: 'd', to: 'a', text: '550' })
    const found = trial.mail({ within: 1000 })
    await settled()
    trial.lab.clock.advance(1000)
    expect(await found).to.deep.equal({
      verdict: 'failed',
      expected: 'a voice mail for 1001',
      observed: 'it did not arrive',
      station: 'exchange',
      evidence: [1],
    })
  })

  it('names each thing it is not', async () => {
    const trial = new Trial()
    trial.arrive(await voiceMail(new Int16Array(8000)))
    const found = await trial.mail({ from: '1002', subject: 'Hello' })
    expect(found).to.deep.include({
      verdict: 'failed',
      station: 'voicemail',
      expected: 'caller "1002"; subject "Hello"',
    })
    expect(found.observed).to.equal('caller "+4533120100"; subject "Voice Mail from +4533120100 (4 seconds)"')
  })

  it('waits for the sender to have read the reply before it counts the attempts', async () => {
    const trial = new Trial()
    trial.arrive(await missedCall())
    const found = trial.mail({ kind: 'missed-call', attempts: 3 })
    await trial.read()
    trial.lab.clock.advance(500)
    trial.say('voicemail', { type: 'mail.delivered', id: 'd', to: 'a', attempts: 3 })
    expect((await found).observed).to.include('delivered at attempt 3')
  })

  it('fails when it took another number of attempts', async () => {
    const trial = new Trial()
    trial.say('voicemail', { type: 'mail.delivered', id: 'd', to: 'a', attempts: 1 })
    trial.arrive(await missedCall())
    const found = trial.mail({ kind: 'missed-call', attempts: 3, within: 0 })
    await trial.read()
    trial.lab.clock.advance(0)
    expect(await found).to.deep.include({ expected: 'delivery at attempt 3', observed: 'delivery at attempt 1' })
  })

  describe('that says what was said', () => {
    const look = async (recording: Int16Array | Uint8Array): Promise<Found> => {
      const trial = new Trial()
      trial.arrive(await voiceMail(recording))
      return trial.mail({ says: 'anna' }, new Map([['anna', await readSound('scenarios/audio/message-anna.wav')]]))
    }
    const anna = () => readSound('scenarios/audio/message-anna.wav')

    it('passes after G.711, at another rate too', async () => {
      expect((await look(await anna())).observed).to.match(/says anna \((?:1\.00|0\.9\d)\)$/)
      const wide = Int16Array.from({ length: (await anna()).length * 2 }, () => 0)
      for (const [i, sample] of (await anna()).entries()) wide.fill(sample, 2 * i, 2 * i + 2)
      expect((await look(writeWav(wide, 'pcm16', 16_000))).verdict).to.equal('passed')
    })

    it('fails on another message, on one cut short, and on silence', async () => {
      const whole = await anna()
      for (const wrong of [
        await readSound('scenarios/audio/message-carl.wav'),
        whole.slice(0, whole.length / 2),
        new Int16Array(16_000),
      ]) {
        const found = await look(wrong)
        expect(found).to.deep.include({ verdict: 'failed', expected: 'anna as it was said (correlation 0.9, 0.3 s)' })
        expect(found.observed).to.match(/^correlation \d\.\d\d, -?\d+\.\d\d s of difference, \d+\.\d s missing$/)
      }
    })

    it('fails, and does not break the lab, on a sound file that cannot be read', async () => {
      const found = await look(encode('PCMU', new Int16Array(100)))
      expect(found)
        .to.have.property('observed')
        .that.matches(/^a recording that cannot be read: Not a WAVE file/)
    })
  })
})

describe('no-event', () => {
  const broken = { type: 'lab.broken', text: 'x' } as const

  it('passes while none has happened, or only at another station', () => {
    const trial = new Trial()
    expect(noEventCheck({ type: 'lab.broken' }, trial.watch)).to.deep.equal({ verdict: 'passed' })
    trial.say('sbc', broken)
    expect(noEventCheck({ type: 'lab.broken', station: 'pbx' }, trial.watch).verdict).to.equal('passed')
  })

  it('fails with how many happened, the first of them and its station', () => {
    const trial = new Trial()
    for (const station of ['sbc', 'pbx']) trial.say(station, broken)
    expect(noEventCheck({ type: 'lab.broken' }, trial.watch)).to.deep.include({
      verdict: 'failed',
      expected: 'no lab.broken',
      observed: '2 happened, first: sbc lab.broken x',
      station: 'sbc',
      evidence: [1, 2],
    })
  })
})

describe('no-mail', () => {
  it('passes on an empty mailbox, and on one with mails of another kind', async () => {
    const trial = new Trial()
    expect(await noMailCheck({ to: '1001' }, trial.lab)).to.deep.equal({ verdict: 'passed' })
    trial.arrive(await missedCall())
    expect((await noMailCheck({ to: '1001', kind: 'voice' }, trial.lab)).verdict).to.equal('passed')
  })

  it('fails with what arrived', async () => {
    const trial = new Trial()
    trial.arrive(await missedCall())
    const any = await noMailCheck({ to: '1001' }, trial.lab)
    expect(any).to.deep.include({ verdict: 'failed', expected: 'no mail for 1001', observed: 'arrived: missed-call' })
    const kind = await noMailCheck({ to: '1001', kind: 'missed-call' }, trial.lab)
    expect(kind.expected).to.equal('no missed-call mail for 1001')
  })
})
