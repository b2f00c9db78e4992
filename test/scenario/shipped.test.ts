import { expect } from 'chai'
import { findScenarios, loadScenario } from '../../src/scenario/load.ts'
import { overall, playSuite } from '../../src/scenario/suite.ts'
import { virtualOnly } from '../../src/scenario/virtual-only.ts'
import { realStage } from '../support/stage.ts'

describe('the shipped scenarios, on real sockets', function () {
  this.timeout(120_000)

  it('all pass, side by side, each in a lab of its own; those that need virtual time are skipped', async () => {
    const stage = await realStage()
    const scenarios = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))
    const results = await playSuite(scenarios, stage, 8)
    const told = results.map((r) => `${r.verdict}: ${r.name}: ${r.summary}`)
    const wanted = scenarios.map((s) => (virtualOnly(s) === undefined ? 'passed' : 'skipped'))
    expect(
      results.map((r) => r.verdict),
      told.join('\n'),
    ).to.deep.equal(wanted)
    expect(overall(results)).to.equal('passed')
    expect(wanted.filter((verdict) => verdict === 'passed')).to.have.length.of.at.least(8)
  })
})
