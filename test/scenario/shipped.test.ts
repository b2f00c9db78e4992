import { expect } from 'chai'
import { findScenarios, loadScenario } from '../../src/scenario/load.ts'
import { playVirtually } from '../../src/scenario/virtual/play.ts'
import { virtualStage } from '../support/stage.ts'

const scenarios = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))

describe('the shipped scenarios', () => {
  it('are eight or more', () => {
    expect(scenarios).to.have.length.of.at.least(8)
  })

  for (const scenario of scenarios) {
    it(`pass: ${scenario.file.scenario}`, async () => {
      const { result } = await playVirtually(scenario, await virtualStage())
      expect(result.verdict, result.summary).to.equal('passed')
    })
  }
})
