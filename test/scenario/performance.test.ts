import { expect } from 'chai'
import type { Phone, PhoneCall } from '../../src/lab/face.ts'
import { checkText } from '../../src/lab/document.ts'
import { Performance } from '../../src/scenario/performance.ts'
import type { StepResult } from '../../src/scenario/result.ts'
import { scenarioSchema } from '../../src/scenario/schema.ts'
import { Watch } from '../../src/scenario/watch.ts'
import { FakeLab } from '../support/fake-lab.ts'
import { settled } from '../support/fake-sip.ts'

/** A call that goes on until it is hung up, in a lab that writes down what the caller does. */
class Stage extends FakeLab {
  override phone(): Promise<Phone> {
    let over: (end: { by: 'local' | 'remote' }) => void = () => undefined
    const does = (text: string): Promise<true> => {
      this.log.push(text)
      return Promise.resolve(true)
    }
    const call: PhoneCall = {
      type: 'answered',
      callId: 'c',
      ended: new Promise((resolve) => (over = resolve)),
      tone: () => does('tone'),
      say: (pcm) => does(`say ${pcm.length} samples`),
      press: (digits) => does(`press ${digits}`).then(() => undefined),
      hangUp: async () => {
        await does('hang up')
        over({ by: 'local' })
      },
      heard: () => Promise.resolve(new Int16Array()),
    }
    return Promise.resolve({ call: () => Promise.resolve(call), close: () => Promise.resolve() })
  }
}

class Rehearsal {
  readonly lab = new Stage()
  readonly #watch = new Watch(this.lab.clock)

  /** Plays the steps, `ms` long. */
  async play(steps: readonly string[], ms = 0, takes = '10min'): Promise<readonly StepResult[]> {
    const text = `version: 1\nscenario: x\ntakes: ${takes}\nsteps:\n${steps.map((s) => `  - ${s}\n`).join('')}`
    const { value: file } = checkText(text, 's.yaml', scenarioSchema)
    const scenario = { path: 's.yaml', file, lines: [], sounds: new Map([['hello', new Int16Array(24_000)]]) }
    const run = new Performance(scenario, this.lab, this.#watch, () => undefined).run()
    await settled()
    this.lab.clock.advance(ms)
    return (await run).steps
  }
}

const verdicts = (steps: readonly StepResult[]): readonly string[] => steps.map((s) => s.verdict)
const call = 'call: { from: "1", to: "1001" }'

describe('the steps of a scenario as they are played', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })

  it('kill a role and start it again', async () => {
    const steps = await rehearsal.play(['kill: { role: voicemail, power: true }', 'kill: sbc', 'start: voicemail'])
    expect(verdicts(steps)).to.deep.equal(['passed', 'passed', 'passed'])
    expect(rehearsal.lab.log).to.deep.equal(['kill voicemail, power lost', 'kill sbc', 'restart voicemail'])
  })

  it('wait for a date, a day away', async () => {
    const steps = await rehearsal.play(['until: 2026-01-02T01:00:00+01:00', 'kill: pbx'], 86_400_000, '2d')
    expect(verdicts(steps)).to.deep.equal(['passed', 'passed'])
  })

  it('go no further after a date that is past', async () => {
    const steps = await rehearsal.play([
      'until: 2026-01-01T00:59:00+01:00',
      'kill: pbx',
      'no-more-mail: { to: "1001" }',
    ])
    expect(verdicts(steps)).to.deep.equal(['failed', 'not-run', 'passed'])
    expect(steps[0]).to.include({ observed: 'it is 2026-01-01T01:00:00+01:00 already' })
    expect(rehearsal.lab.log).to.deep.equal([])
  })

  it('say a sound to its end, or the beginning of it', async () => {
    await rehearsal.play([call, 'say: hello', 'say: { sound: hello, for: 2s }', 'hang-up'])
    expect(rehearsal.lab.log.slice(0, 3)).to.deep.equal(['say 24000 samples', 'say 16000 samples', 'hang up'])
  })

  it('fail when they are not over in the time that the scenario may take, and the call is hung up', async () => {
    const steps = await rehearsal.play([call, 'ended', 'kill: pbx'], 60_000, '1min')
    expect(verdicts(steps)).to.deep.equal(['passed', 'failed', 'not-run'])
    expect(steps[1]).to.include({ expected: 'an end within 1 min', observed: 'it was not over' })
    expect(rehearsal.lab.log).to.deep.equal(['hang up'])
  })

  for (const step of ['mail: { to: "1001", within: 1d }', 'event: { type: ews.oof, within: 1d }']) {
    it(`do not wait longer than that: ${step}`, async () => {
      expect(verdicts(await rehearsal.play([step], 60_000, '1min'))).to.deep.equal(['failed'])
    })
  }
})
