import { expect } from 'chai'
import { loadScenario, type Scenario } from '../../../src/scenario/load.ts'
import type { RunEvent } from '../../../src/scenario/result.ts'
import { Threads } from '../../../src/scenario/virtual/threads.ts'
import { temporaryFolder, virtualStage } from '../../support/stage.ts'
import { scenario } from '../../cli/terminal.ts'

/** No file could say it: a thread that is told to play it dies. */
const torn = { path: 'torn.yaml' } as Scenario
const harmless = { seed: 7, faults: [], harmless: true }

describe('threads of the virtual world', function () {
  this.timeout(60_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let scenarios: readonly Scenario[]
  let threads: Threads
  const start = async (most: number, wireLog = false): Promise<void> => {
    const { file, sounds, certificates } = await virtualStage()
    threads = new Threads({ file, sounds, certificates, scenarios, wireLog }, most)
  }
  const reason = (played: Promise<unknown>): Promise<unknown> =>
    played.then(
      () => 'played',
      (thrown: unknown) => thrown,
    )

  before(async () => {
    folder = await temporaryFolder()
    const steps = ["call: { from: '+4533120100', to: '9999' }", 'refused: 404']
    const file = await loadScenario(await scenario(folder.path, 'unknown', steps))
    scenarios = [file, torn]
  })
  after(() => folder.remove())
  afterEach(() => threads.close())

  it('say what goes on in a scenario to who asked for it, then what came of it; a plan that broke nothing is not told', async () => {
    await start(1, true)
    const said: string[] = []
    const keep = (event: RunEvent): void => void said.push(event.type)
    const [first, second, trial] = await Promise.all([
      threads.play({ scenario: 0, seed: 1 }, keep),
      threads.play({ scenario: 0, seed: 2 }),
      threads.play({ scenario: 0, seed: 7, plan: harmless }),
    ])
    expect(said).to.deep.equal(['scenario.started', 'scenario.step', 'scenario.step'])
    for (const { result, events, wire } of [first, second]) {
      expect(result.verdict).to.equal('passed')
      expect(events.map((event) => event.type)).to.include.members(['lab.started', 'lab.stopped'])
      expect(wire).to.match(/^\d+\.\d{3} udp 127/m)
    }
    expect(second.wire).not.to.equal(first.wire)
    expect(trial.result.verdict).to.equal('passed')
    expect([trial.events, trial.broken, trial.wire]).to.deep.equal([[], undefined, undefined])
  })

  it('that die fail what they played, and a new one plays the next', async () => {
    await start(1)
    const [dead, next, last] = await Promise.all([
      reason(threads.play({ scenario: 1, seed: 1 })),
      threads.play({ scenario: 0, seed: 1 }),
      threads.play({ scenario: 0, seed: 2 }),
    ])
    expect(dead).to.have.property('code', 'lab-broken')
    expect(dead)
      .to.have.property('message')
      .that.matches(/^a thread of the virtual world ended: Cannot read prop/)
    expect([next.result.verdict, last.result.verdict]).to.deep.equal(['passed', 'passed'])
    expect(next.wire, 'nobody wants it').to.equal(undefined)
  })

  it('that are closed interrupt what is played and what waits', async () => {
    await start(1)
    let began = (): void => undefined
    const playing = new Promise<void>((resolve) => (began = resolve))
    const ends = [
      reason(threads.play({ scenario: 0, seed: 1 }, () => began())),
      reason(threads.play({ scenario: 0, seed: 2 })),
    ]
    await playing
    await threads.close()
    for (const end of await Promise.all(ends)) {
      expect(end).to.include({ code: 'interrupted', message: 'interrupted before it was over' })
    }
  })

  it('that are closed play nothing more', async () => {
    await start(1)
    await threads.close()
    expect(await reason(threads.play({ scenario: 0, seed: 1 }))).to.include({ code: 'interrupted' })
  })
})
