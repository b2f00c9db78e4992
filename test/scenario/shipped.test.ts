import { expect } from 'chai'
import { findScenarios, loadScenario } from '../../src/scenario/load.ts'
import { playVirtually } from '../../src/scenario/virtual/play.ts'
import { virtualStage } from '../support/stage.ts'

/** 35 minutes of sound both ways: virtual/suite.test.ts plays it among all others, and once is enough. */
const long = 'scenarios/14-session-timer.yaml'
const scenarios = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))

describe('the shipped scenarios', () => {
  it('are fourteen or more', () => {
    expect(scenarios).to.have.length.of.at.least(14)
  })

  for (const scenario of scenarios.filter(({ path }) => path !== long)) {
    it(`pass: ${scenario.file.scenario}`, async () => {
      const { result } = await playVirtually(scenario, await virtualStage())
      expect(result.verdict, result.summary).to.equal('passed')
    })
  }
})
