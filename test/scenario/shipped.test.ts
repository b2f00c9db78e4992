import { expect } from 'chai'
import { findScenarios, loadScenario } from '../../src/scenario/load.ts'
import { overall, playSuite } from '../../src/scenario/suite.ts'
import { realStage } from '../support/stage.ts'

describe('the shipped scenarios, on real sockets', function () {
  this.timeout(120_000)

  it('all pass, side by side, each in a lab of its own', async () => {
    const stage = await realStage()
    const scenarios = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))
    const results = await playSuite(scenarios, stage, 8)
    const told = results.map((r) => `${r.verdict}: ${r.name}: ${r.summary}`)
    expect(
      told.filter((line) => !line.startsWith('passed')),
      told.join('\n'),
    ).to.deep.equal([])
    expect(overall(results)).to.equal('passed')
    expect(results).to.have.length.of.at.least(8)
  })
})
