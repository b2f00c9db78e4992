import { expect } from 'chai'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { Happening } from '../../../src/lab/events.ts'
import { loadLab } from '../../../src/lab/load.ts'
import { findScenarios, loadScenario } from '../../../src/scenario/load.ts'
import type { ScenarioResult } from '../../../src/scenario/result.ts'
import { playVirtualSuite } from '../../../src/scenario/virtual/suite.ts'

const { file, sounds } = await loadLab('labs/embedded.yaml')
const scenarios = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))

interface Ran {
  readonly results: readonly ScenarioResult[]
  /** By scenario file: every event of its lab, then every datagram and write. */
  readonly logs: ReadonlyMap<string, string>
  readonly callIds: ReadonlySet<string>
}

async function run(seed: number): Promise<Ran> {
  const events = new Map<string, string>()
  const wires = new Map<string, string>()
  const callIds = new Set<string>()
  const results = await playVirtualSuite(scenarios, {
    file,
    sounds,
    seed,
    jobs: 2,
    clock: systemClock,
    emit: () => undefined,
    watch: (path, bus) =>
      bus.subscribe((event: Happening) => {
        events.set(path, `${events.get(path) ?? ''}${JSON.stringify(event)}\n`)
        if (event.type === 'voicemail.answered') callIds.add(event.callId)
      }),
    wire: (path, log) => void wires.set(path, log),
  })
  return { results, callIds, logs: new Map([...events].map(([path, log]) => [path, log + (wires.get(path) ?? '')])) }
}

const verdicts = ({ results }: Ran): readonly string[] => results.map((r) => `${r.file} ${r.verdict} ${r.summary}`)

describe('a suite in virtual time', function () {
  this.timeout(180_000)
  let first: Ran
  let again: Ran
  let other: Ran

  before(async () => {
    first = await run(1)
    again = await run(1)
    other = await run(2)
  })

  it('passes every shipped scenario', () => {
    expect(first.results.map((r) => r.verdict)).to.deep.equal(scenarios.map(() => 'passed'))
  })

  it('gives the same log for the same seed, byte by byte: every event, every datagram, every write', () => {
    for (const { path } of scenarios) {
      expect(first.logs.get(path)?.split('\n').length, path).to.be.greaterThan(20)
      expect(again.logs.get(path) === first.logs.get(path), `${path}: the same log`).to.equal(true)
    }
  })

  it('gives other identifiers for another seed, and the same verdicts', () => {
    expect(verdicts(other)).to.deep.equal(verdicts(first))
    expect([...other.callIds].filter((id) => first.callIds.has(id))).to.deep.equal([])
    expect(other.callIds.size).to.equal(first.callIds.size)
  })
})
