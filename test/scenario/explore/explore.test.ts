import { expect } from 'chai'
import { loadScenario } from '../../../src/scenario/load.ts'
import { explore, type Finding } from '../../../src/scenario/explore/explore.ts'
import { planOf, type Plan } from '../../../src/scenario/explore/plan.ts'
import { tryPlan } from '../../../src/scenario/explore/trial.ts'
import type { World } from '../../../src/lab/world.ts'
import { virtualStage } from '../../support/stage.ts'
import { planted } from './planted.ts'

const scenario = await loadScenario('scenarios/01-no-answer.yaml')
const set = await virtualStage()

const search = async (runs: number, alter?: (world: World) => World): Promise<readonly Finding[]> => {
  const play = (_place: number, plan: Plan) =>
    tryPlan(scenario, set, plan, alter).then(({ wire, ...trial }) => ({ ...trial, wire: wire.text() }))
  const { found } = await explore({
    scenarios: [scenario],
    file: set.file,
    firstSeed: 1,
    runs,
    jobs: 1,
    enough: 1,
    play,
  })
  return found
}

describe('explore', function () {
  this.timeout(120_000)

  it('finds nothing where nothing is wrong', async () => {
    expect(await search(20)).to.deep.equal([])
  })

  for (const [name, alter] of Object.entries(planted)) {
    it(`finds ${name}, shrinks it, and finds it again by its seed`, async () => {
      const [finding] = await search(20, alter)
      expect(finding, 'found within 20 seeds').not.to.equal(undefined)
      if (finding === undefined) return
      const { seed, plan, smallest, broken, wire } = finding
      expect(plan).to.deep.equal(planOf(seed, set.file))
      expect(smallest.faults.length).to.be.at.most(plan.faults.length)
      const again = await tryPlan(scenario, set, smallest, alter)
      expect(again.broken).to.deep.equal(broken)
      expect(again.wire.text()).to.equal(wire)
    })
  }
})
