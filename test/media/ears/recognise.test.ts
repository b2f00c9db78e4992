import { expect } from 'chai'
import { seededRandom } from '../../../src/kernel/random.ts'
import { listen, recognise, transcript } from '../../../src/media/ears/recognise.ts'
import { beep } from '../../../src/media/ears/tone.ts'
import {
  around,
  firstPart,
  g711,
  impair,
  joined,
  level,
  loss,
  noise,
  noisy,
  silence,
  withoutStart,
  type Impairment,
} from '../../support/impair.ts'
import { recording, recordings } from './recordings.ts'

/** Each recording that was taken for another or for none, as `said -> heard`. */
const confusion = (chain: readonly Impairment[]): string[] =>
  recordings.flatMap(({ name, pcm }) => {
    const { best, all } = recognise(impair(pcm, name, ...chain), recordings)
    const likeliest = all.slice(0, 2).map((each) => `${each.name} ${each.confidence.toFixed(2)}`)
    return best?.name === name ? [] : [`${name} -> ${best?.name ?? 'none'} (${likeliest.join(', ')})`]
  })

const lines: Record<string, readonly Impairment[]> = {
  'as they are': [],
  'after G.711 A-law, 6 dB down, 1 % of packets lost as silence': [level(-6), loss(0.01, 'silence'), g711('PCMA')],
  'after G.711 μ-law, 200 ms cut from the start, 1 % of packets repeated': [
    withoutStart(200),
    loss(0.01, 'repeat'),
    g711('PCMU'),
  ],
  'with ringing silence before, beep and silence after': [
    around(silence(3003), joined(beep(), silence(2000))),
    g711('PCMA'),
  ],
  'cut off after 60 %, with all other impairments': [
    firstPart(0.6),
    withoutStart(203),
    level(-6),
    loss(0.01, 'silence'),
    around(silence(501), silence(2000)),
    g711('PCMU'),
  ],
  'in noise 15 dB under them': [noisy(15)],
  '20 dB down': [level(-20), g711('PCMA')],
}

describe('recognition of what was heard', () => {
  for (const [line, chain] of Object.entries(lines)) {
    it(`tells all recordings apart ${line}`, () => {
      expect(confusion(chain)).to.deep.equal([])
    })
  }

  it('says where the reference was heard and how much of it', () => {
    const pcm = recording('greeting-oof-1002')
    const { best } = recognise(joined(silence(1500), pcm, silence(800)), recordings)
    expect(best?.fromMs).to.be.closeTo(1500, 100)
    expect(best?.toMs).to.be.closeTo(1500 + pcm.length / 8, 100)
    expect(best?.coverage).to.be.at.least(0.97)
    expect(best?.confidence).to.be.within(0.95, 1)
  })

  it('says by the coverage that a greeting was cut off', () => {
    const { best } = recognise(impair(recording('greeting-system'), 'cut', firstPart(0.6)), recordings)
    expect(best?.coverage).to.be.closeTo(0.6, 0.06)
  })

  it('ranks every reference, the likeliest first', () => {
    const { all } = recognise(recording('message-dora'), recordings)
    expect(all.map(({ name }) => name)).to.have.members(recordings.map(({ name }) => name))
    expect(all[0]?.name).to.equal('message-dora')
    expect(all[1]?.confidence).to.be.below(0.4)
  })

  it('decides for neither of two greetings when only their common opening was heard', () => {
    const { best, all } = recognise(impair(recording('greeting-oof-1001'), 'opening', firstPart(0.3)), recordings)
    expect(best).to.equal(undefined)
    expect(all.slice(0, 2).map(({ name }) => name)).to.have.members(['greeting-oof-1001', 'greeting-standard-1001'])
  })

  for (const { name, pcm } of recordings) {
    it(`finds nothing convincing in ${name} when it is not among the references`, () => {
      const others = recordings.filter((reference) => reference.name !== name)
      expect(recognise(pcm, others).best).to.equal(undefined)
    })
  }

  const random = seededRandom('noise')
  const other: Record<string, Int16Array> = {
    nothing: new Int16Array(0),
    'one packet': recording('message-anna').slice(8000, 8160),
    silence: silence(5000),
    'loud noise': noise(5000, -15, random),
    'faint noise': noise(5000, -60, random),
    'a tone': beep(1000, 5000),
    'samples at full scale': new Int16Array(16_000).map((_, i) => (i % 9 < 4 ? -32_768 : 32_767)),
  }
  for (const [what, pcm] of Object.entries(other)) {
    it(`recognises nothing in ${what}`, () => {
      const { best, all } = recognise(pcm, recordings)
      expect(best).to.equal(undefined)
      expect(all[0]?.confidence).to.be.below(0.3)
      expect(transcript(pcm, recordings)).to.deep.equal([])
    })
  }

  it('has no best without references, and with silent ones', () => {
    expect(recognise(recording('message-anna'), [])).to.deep.equal({ all: [] })
    const mute = [
      { name: 'mute', pcm: silence(2000) },
      { name: 'empty', pcm: new Int16Array(0) },
    ]
    expect(recognise(recording('message-anna'), mute).best).to.equal(undefined)
  })

  it('takes well under 300 ms of processor time for 15 s against twelve references', () => {
    const heard = joined(recording('greeting-oof-1001'), silence(5000), recording('message-dora'))
    recognise(heard, recordings)
    const start = process.cpuUsage()
    recognise(heard, recordings)
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).to.be.below(300)
  })
})

describe('transcript of what was heard', () => {
  const at = (name: string): number => recording(name).length / 8

  it('reads greeting, beep and message as events in order of time', () => {
    const heard = joined(
      silence(2000),
      recording('greeting-standard-1001'),
      beep(),
      silence(700),
      recording('message-carl'),
      silence(500),
    )
    const events = transcript(impair(heard, 'line', level(-6), loss(0.01, 'repeat'), g711('PCMA')), recordings)
    expect(events.map(({ name }) => name)).to.deep.equal(['greeting-standard-1001', 'message-carl'])
    expect(events[0]?.fromMs).to.be.closeTo(2000, 100)
    expect(events[0]?.toMs).to.be.closeTo(2000 + at('greeting-standard-1001'), 100)
    expect(events[1]?.fromMs).to.be.closeTo(3100 + at('greeting-standard-1001'), 100)
  })

  it('lists a greeting as often as it was heard, and its twin apart', () => {
    const [system, oof] = [recording('greeting-system'), recording('greeting-system-oof')]
    const events = transcript(joined(system, oof, silence(300), system), recordings)
    expect(events.map(({ name }) => name)).to.deep.equal(['greeting-system', 'greeting-system-oof', 'greeting-system'])
  })

  it('shows a greeting cut off by the next one', () => {
    const cut = impair(recording('greeting-standard-1003'), 'cut', firstPart(0.6))
    const events = transcript(joined(cut, recording('message-anna')), recordings)
    expect(events.map(({ name }) => name)).to.deep.equal(['greeting-standard-1003', 'message-anna'])
    expect(events[0]?.coverage).to.be.closeTo(0.6, 0.08)
    expect(events[1]?.coverage).to.be.at.least(0.95)
  })
})

describe('listening to what was heard', () => {
  it('tells at once what recognition and transcript tell', () => {
    const heard = joined(recording('greeting-oof-1003'), silence(500), recording('message-anna'))
    const { recognition, transcript: events } = listen(heard, recordings)
    expect(recognition).to.deep.equal(recognise(heard, recordings))
    expect(events).to.deep.equal(transcript(heard, recordings))
    expect(events.map(({ name }) => name)).to.deep.equal(['greeting-oof-1003', 'message-anna'])
  })

  const long = joined(recording('message-anna'), recording('message-carl'), recording('message-dora'))
  const references = [
    { name: 'long', pcm: long },
    { name: 'talk', pcm: recording('talk-1002') },
  ]

  it('knows a reference of any length, wherever it lies in what is longer', () => {
    const talk = recording('talk-1002')
    const events = transcript(joined(silence(4000), talk, long, silence(300), talk), references)
    expect(events.map(({ name }) => name)).to.deep.equal(['talk', 'long', 'talk'])
    expect(events[1]?.fromMs).to.be.closeTo(4000 + talk.length / 8, 100)
    expect(events[1]?.coverage).to.be.at.least(0.97)
  })

  it('knows a long reference of which the first 7 s are missing', () => {
    const [event] = transcript(impair(long, 'end', withoutStart(7000)), references)
    expect(event?.name).to.equal('long')
    expect(event?.fromMs).to.be.below(100)
    expect(event?.coverage).to.be.closeTo(1 - 7000 / (long.length / 8), 0.05)
  })
})
