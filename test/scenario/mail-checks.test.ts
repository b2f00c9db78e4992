import { expect } from 'chai'
import type { LabEvent } from '../../src/lab/events.ts'
import { encode } from '../../src/media/g711.ts'
import { writeWav } from '../../src/media/wav.ts'
import { readSound } from '../../src/lab/audio.ts'
import type { Found } from '../../src/scenario/checks.ts'
import { mailCheck, noMailCheck, noMoreMailCheck, type MailPorts } from '../../src/scenario/mail-checks.ts'
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
  readonly taken = new Set<string>()

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

  mail(wanted: Partial<Parameters<typeof mailCheck>[0]> = {}, sounds: MailPorts['sounds'] = new Map()): Promise<Found> {
    const order = { to: '1001', kind: 'voice' as const, within: 15_000, ...wanted }
    const { lab, watch, taken } = this
    return mailCheck(order, { lab, watch, sounds, taken, keep: (mail) => this.kept.push(mail) })
  }
}

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
    trial.say('voicemail', { type: 'mail.delivered', id: 'd1', to: 'a', attempts: 3 })
    expect((await found).observed).to.include('delivered at attempt 3')
  })

  it('fails when it took another number of attempts', async () => {
    const trial = new Trial()
    trial.say('voicemail', { type: 'mail.delivered', id: 'd1', to: 'a', attempts: 1 })
    trial.arrive(await missedCall())
    const found = trial.mail({ kind: 'missed-call', attempts: 3, within: 0 })
    await trial.read()
    trial.lab.clock.advance(0)
    expect(await found).to.deep.include({ expected: 'delivery at attempt 3', observed: 'delivery at attempt 1' })
  })

  it('counts the attempts of this mail, not of another', async () => {
    const trial = new Trial()
    trial.say('voicemail', { type: 'mail.delivered', id: 'd2', to: 'a', attempts: 3 })
    trial.say('voicemail', { type: 'mail.delivered', id: 'd1', to: 'a', attempts: 1 })
    trial.arrive(await missedCall())
    expect(await trial.mail({ kind: 'missed-call', attempts: 3 })).to.deep.include({
      expected: 'delivery at attempt 3',
      observed: 'delivery at attempt 1',
    })
  })

  describe('after another', () => {
    const from = (caller: string) => voiceMail(new Int16Array(8000), caller)

    it('is the next of its kind, in the order they arrived', async () => {
      const trial = new Trial()
      for (const mail of [await from('1'), await missedCall(), await from('2')]) trial.arrive(mail)
      expect(await trial.mail({ from: '1' })).to.have.property('verdict', 'passed')
      expect(await trial.mail({ from: '2' })).to.have.property('verdict', 'passed')
      expect(await trial.mail({ kind: 'missed-call' })).to.have.property('verdict', 'passed')
      expect(trial.kept.map((m) => m.subject)).to.have.length(3)
    })

    it('is waited for, and missed, when the one that is there satisfied a step', async () => {
      const trial = new Trial()
      trial.arrive(await from('1'))
      expect(await trial.mail()).to.have.property('verdict', 'passed')
      const second = trial.mail()
      await settled()
      trial.arrive(await from('2'))
      expect(await second).to.have.property('verdict', 'passed')
      const third = trial.mail({ within: 0 })
      while (trial.lab.clock.due === undefined) await new Promise((resolve) => setImmediate(resolve))
      trial.lab.clock.advance(0)
      expect(await third).to.deep.include({ expected: 'another voice mail for 1001', observed: 'it did not arrive' })
    })
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

  describe('that begins with what was said', () => {
    const anna = () => readSound('scenarios/audio/message-anna.wav')
    const look = async (recording: Int16Array): Promise<Found> => {
      const trial = new Trial()
      trial.arrive(await voiceMail(recording))
      return trial.mail({ begins: 'anna' }, new Map([['anna', await anna()]]))
    }
    const later = (pcm: Int16Array): Int16Array => Int16Array.from([...new Int16Array(4000), ...pcm])

    it('passes where it broke off, after a pause before it, and on the whole', async () => {
      const half = (await anna()).subarray(0, 20_000)
      expect((await look(half)).observed).to.match(/begins with 2\.5 s of anna \((?:1\.00|0\.9\d)\)$/)
      expect((await look(later(half))).observed).to.match(/begins with 2\.5 s of anna/)
      expect((await look(await anna())).verdict).to.equal('passed')
    })

    it('fails on another message, on one without its beginning, and on silence', async () => {
      const whole = await anna()
      const other = await readSound('scenarios/audio/message-carl.wav')
      for (const wrong of [other, whole.subarray(20_000), new Int16Array(16_000)]) {
        const found = await look(wrong)
        expect(found).to.deep.include({
          verdict: 'failed',
          expected: 'the beginning of anna as it was said (correlation 0.9)',
        })
        expect(found.observed).to.match(/^\d\.\d s of anna \(0\.\d\d\)$/)
      }
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

describe('no-more-mail', () => {
  it('passes while there is nothing but what steps were satisfied with', async () => {
    const trial = new Trial()
    trial.arrive(await voiceMail(new Int16Array(8000)))
    await trial.mail()
    expect(await noMoreMailCheck({ to: '1001' }, trial)).to.deep.equal({ verdict: 'passed' })
    trial.arrive(await missedCall())
    expect((await noMoreMailCheck({ to: '1001', kind: 'voice' }, trial)).verdict).to.equal('passed')
  })

  it('fails with what else arrived', async () => {
    const trial = new Trial()
    for (const copy of [1, 2]) trial.arrive(await voiceMail(new Int16Array(8000), String(copy)))
    await trial.mail()
    expect(await noMoreMailCheck({ to: '1001' }, trial)).to.deep.equal({
      verdict: 'failed',
      expected: 'no more mail for 1001',
      observed: 'arrived: voice',
      station: 'voicemail',
    })
    const kind = await noMoreMailCheck({ to: '1001', kind: 'voice' }, trial)
    expect(kind.expected).to.equal('no more voice mail for 1001')
  })
})
