import { expect } from 'chai'
import { loadLab } from '../../../src/lab/load.ts'
import { loadScenario } from '../../../src/scenario/load.ts'
import { explore, type ExploreOrder, type Tried } from '../../../src/scenario/explore/explore.ts'
import { planOf, type Plan } from '../../../src/scenario/explore/plan.ts'

const { file } = await loadLab('labs/embedded.yaml')
const scenarios = await Promise.all(
  ['scenarios/01-no-answer.yaml', 'scenarios/04-missed-call.yaml'].map((path) => loadScenario(path)),
)

const fine: Tried = { events: [] }
const lost: Tried = { broken: { promise: 'nothing lost', text: 'd1' }, events: [], wire: 'w' }

type Play = ExploreOrder['play']
const search = (play: Play, more: Partial<ExploreOrder> = {}): ReturnType<typeof explore> =>
  explore({ scenarios, file, firstSeed: 10, runs: 4, jobs: 1, play, ...more })

describe('a search of seeds', () => {
  it('plays each seed once, always with the scenario and the plan of the seed', async () => {
    const played: (readonly [number, Plan])[] = []
    const { done, found } = await search((place, plan) => {
      played.push([place, plan])
      return Promise.resolve(fine)
    })
    expect([done, found]).to.deep.equal([4, []])
    expect(played).to.deep.equal([10, 11, 12, 13].map((seed) => [seed % 2, planOf(seed, file)]))
  })

  it('tells how far it is, and what it found so far', async () => {
    const told: (readonly number[])[] = []
    await search((_, { seed }) => Promise.resolve(seed === 12 ? lost : fine), { progress: (...at) => told.push(at) })
    expect(told).to.deep.equal([
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
    ])
  })

  it('ends when it has found enough, and answers by seed', async () => {
    const { done, found } = await search(() => Promise.resolve(lost), { runs: 100, enough: 3, jobs: 1 })
    expect([done, found.map(({ seed }) => seed)]).to.deep.equal([3, [10, 11, 12]])
    expect(found[1]).to.deep.equal({
      scenario: 'scenarios/04-missed-call.yaml',
      seed: 11,
      broken: lost.broken,
      plan: planOf(11, file),
      smallest: { ...planOf(11, file), faults: [] },
      events: [],
      wire: 'w',
    })
  })

  it('does not take another breach for the one it shrinks', async () => {
    const other: Tried = { broken: { promise: 'nothing twice', text: '' }, events: [] }
    const whole = planOf(10, file)
    const { found } = await search(
      (_, plan) => Promise.resolve(plan.faults.length === whole.faults.length ? lost : other),
      { runs: 1 },
    )
    expect(found[0]?.smallest.faults).to.have.length(whole.faults.length)
  })

  it('tries a plan that is given in place of those drawn', async () => {
    const plan: Plan = { seed: 10, harmless: true, faults: [{ kind: 'disk', mostMs: 9 }] }
    const played: Plan[] = []
    await search((_, tried) => Promise.resolve(void played.push(tried)).then(() => fine), { plan, runs: 1 })
    expect(played).to.deep.equal([plan])
  })

  it('takes a play that ends its process for a broken promise', async () => {
    const { found } = await search(() => Promise.reject(new Error('the thread ended')), { runs: 1 })
    expect(found[0]?.broken).to.deep.equal({ promise: 'the process lives on', text: 'the thread ended' })
  })

  it('is over soon after it is stopped, whatever is left to try or to shrink', async () => {
    const controller = new AbortController()
    let plays = 0
    const { done, found } = await search(
      () => {
        plays++
        controller.abort()
        return Promise.resolve(lost)
      },
      { stop: controller.signal },
    )
    expect([done, found.length, plays]).to.deep.equal([1, 1, 2])
    expect(found[0]?.smallest).to.deep.equal(planOf(10, file))
  })
})
