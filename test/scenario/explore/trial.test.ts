import { expect } from 'chai'
import type { Happening } from '../../../src/lab/events.ts'
import type { World } from '../../../src/lab/world.ts'
import type { Fault } from '../../../src/scenario/explore/plan.ts'
import { tryPlan, type Trial } from '../../../src/scenario/explore/trial.ts'
import { loadScenario } from '../../../src/scenario/load.ts'
import { virtualStage } from '../../support/stage.ts'

const scenario = await loadScenario('scenarios/01-no-answer.yaml')
const failing = await loadScenario('test/scenario/failing/wrong-greeting.yaml')
const set = await virtualStage()

const under = (faults: readonly Fault[], alter?: (world: World) => World): Promise<Trial> =>
  tryPlan(scenario, set, { seed: 7, harmless: false, faults }, alter)

const found = <T extends Happening['type']>({ events }: Trial, type: T): readonly Extract<Happening, { type: T }>[] =>
  events.filter((event): event is Extract<Happening, { type: T }> => event.type === type)

const kill: Fault = { kind: 'kill', role: 'exchange', atEvent: 0, power: false, downMs: 5000 }

describe('a scenario under a plan', () => {
  it('passes and breaks nothing when nothing goes wrong', async () => {
    const trial = await under([])
    expect([trial.result.verdict, trial.broken]).to.deep.equal(['passed', undefined])
  })

  it('is the same for the same seed and plan, byte by byte', async () => {
    const [first, again] = [await under([kill]), await under([kill])]
    expect(again.events).to.deep.equal(first.events)
    expect(again.wire.text()).to.equal(first.wire.text())
  })

  it('has its paths slowed', async () => {
    const answeredAt = (trial: Trial): number => found(trial, 'voicemail.answered')[0]?.at ?? NaN
    const slow = await under([{ kind: 'link', rule: { from: '127.0.20.20', to: '127.0.20.30', delayMs: 200 } }])
    expect(answeredAt(slow) - answeredAt(await under([]))).to.be.at.least(199)
  })

  it('has its disks slowed', async () => {
    const spooledAt = (trial: Trial): number => found(trial, 'voicemail.spooled')[0]?.at ?? NaN
    const slow = await under([{ kind: 'disk', mostMs: 100 }])
    expect(spooledAt(slow)).to.be.greaterThan(spooledAt(await under([])))
  })

  it('has its mail refused as often as is said', async () => {
    const trial = await under([{ kind: 'smtp', at: 'message', reply: '451 4.3.2 try later', times: 2 }])
    const outcomes = found(trial, 'mail.attempt').map(({ outcome, code }) => [outcome, code])
    expect(outcomes.slice(0, 2)).to.deep.equal(Array(2).fill(['deferred', 451]))
    expect(outcomes.at(-1)?.[0]).to.equal('accepted')
  })

  it('has a role killed at the event that is said, and started again later', async () => {
    const trial = await under([{ ...kill, atEvent: 10, power: true }])
    const [killed] = found(trial, 'lab.killed')
    const [restarted] = found(trial, 'lab.restarted')
    expect(killed).to.include({ role: 'exchange', power: true })
    expect(restarted).to.include({ role: 'exchange' })
    expect((restarted?.at ?? 0) - (killed?.at ?? 0)).to.be.within(5000, 5100)
    expect(trial.broken).to.equal(undefined)
  })

  it('is mended when it is over: who was killed stands again, and what was open is delivered', async () => {
    const trial = await under([{ ...kill, downMs: 3_600_000 }])
    expect(found(trial, 'lab.restarted')).to.have.length(1)
    expect(found(trial, 'exchange.mail').map(({ outcome }) => outcome)).to.deep.equal(['delivered'])
    expect(trial.broken).to.equal(undefined)
  })

  for (const atEvent of [0, 60]) {
    it(`breaks a promise when a role killed at event ${atEvent} does not come up again`, async () => {
      const once = (world: World): World => {
        let started = 0
        return {
          ...world,
          process(name, host) {
            if (name === 'sbc' && ++started > 1) throw new Error('no room')
            return world.process(name, host)
          },
        }
      }
      let unhandled = 0
      const count = (): number => ++unhandled
      process.on('unhandledRejection', count)
      const { broken } = await under([{ ...kill, role: 'sbc', atEvent, downMs: 1 }], once)
      process.off('unhandledRejection', count)
      expect(unhandled, 'what would end its thread').to.equal(0)
      expect(broken?.promise).to.equal('the process lives on')
      expect(broken?.text).to.match(/no room/)
    })
  }

  it('breaks a promise when it fails by itself under a harmless plan, and not under another', async () => {
    const plan = { seed: 7, faults: [], harmless: true }
    const { broken } = await tryPlan(failing, set, plan)
    expect(broken?.promise).to.equal('a harmless network changes nothing')
    expect(broken?.text).to.match(/^voicemail: expected greeting-standard-1001/)
    expect((await tryPlan(failing, set, { ...plan, harmless: false })).broken).to.equal(undefined)
  })
})
