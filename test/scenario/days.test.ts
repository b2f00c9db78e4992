import { expect } from 'chai'
import { ManualClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { loadLab } from '../../src/lab/load.ts'
import { certificatesBeforehand, certificatesFrom } from '../../src/lab/virtual/certificates.ts'
import { inVirtualTime } from '../../src/lab/virtual/time.ts'
import { virtualWorld } from '../../src/lab/virtual/world.ts'
import { findScenarios, loadScenario, type Scenario } from '../../src/scenario/load.ts'
import { playScenario, type Stage } from '../../src/scenario/play.ts'
import type { ScenarioResult } from '../../src/scenario/result.ts'
import { virtualOnly } from '../../src/scenario/virtual-only.ts'

type Shared = Pick<Stage, 'file' | 'sounds' | 'certificates'>

/** Plays a scenario in a virtual world of its own, an hour longer than it may take. */
function playVirtually(scenario: Scenario, shared: Shared): Promise<ScenarioResult> {
  const clock = new ManualClock(Date.parse(scenario.file.given.date ?? '2026-01-05T09:00:00Z'))
  const limitMs = scenario.file.takes + 3_600_000
  return inVirtualTime({ clock, random: seededRandom('days'), limitMs }, () =>
    playScenario(scenario, {
      ...shared,
      virtual: true,
      world: virtualWorld({ clock, seed: 1 }),
      folder: () => Promise.resolve({ path: '', remove: () => Promise.resolve() }),
      emit: () => undefined,
    }),
  )
}

describe('the shipped scenarios that take days, set the date or kill a role', function () {
  this.timeout(60_000)
  const scenarios: Scenario[] = []
  let shared: Shared
  before(async () => {
    const { file, sounds } = await loadLab('labs/embedded.yaml')
    const set = await certificatesBeforehand(file, Date.parse('2026-01-05T09:00:00Z'))
    shared = { file, sounds, certificates: certificatesFrom(set) }
    const all = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))
    scenarios.push(...all.filter((s) => virtualOnly(s) !== undefined))
  })

  it('are there', () => expect(scenarios).to.have.length.of.at.least(5))

  it('pass in virtual time, each within what it may take', async () => {
    for (const scenario of scenarios) {
      const { verdict, summary, durationMs } = await playVirtually(scenario, shared)
      expect(verdict, `${scenario.path}: ${summary}`).to.equal('passed')
      expect(durationMs, scenario.path).to.be.at.most(scenario.file.takes)
    }
  })
})
