import { expect } from 'chai'
import type { Fault, Plan } from '../../../src/scenario/explore/plan.ts'
import { shrink, smaller } from '../../../src/scenario/explore/shrink.ts'

const disk: Fault = { kind: 'disk', mostMs: 80 }
const smtp: Fault = { kind: 'smtp', at: 'message', reply: '451 4.3.2 try later', times: 3 }
const kill: Fault = { kind: 'kill', role: 'voicemail', atEvent: 40, power: true, downMs: 9000 }
const link: Fault = { kind: 'link', rule: { from: 'a', to: 'b', delayMs: 201, loss: 0.25 } }

const plan = (...faults: readonly Fault[]): Plan => ({ seed: 7, harmless: false, faults })
const faultsOf = (plans: readonly Plan[]): readonly (readonly Fault[])[] => plans.map(({ faults }) => faults)
const kinds = ({ faults }: Plan): readonly string[] => faults.map(({ kind }) => kind)

describe('plans that are smaller', () => {
  it('have a fault less first, then one made milder, and stay of their seed', () => {
    const found = smaller(plan(disk, smtp))
    expect(faultsOf(found)).to.deep.equal([
      [smtp],
      [disk],
      [{ ...disk, mostMs: 40 }, smtp],
      [disk, { ...smtp, times: 1 }],
    ])
    expect(found.map(({ seed, harmless }) => [seed, harmless])).to.deep.equal(Array(4).fill([7, false]))
  })

  it('take away or halve each number of a path', () => {
    const from = { from: 'a', to: 'b' }
    expect(faultsOf(smaller(plan(link))).slice(1)).to.deep.equal(
      [
        { ...from, loss: 0.25 },
        { ...from, loss: 0.25, delayMs: 100 },
        { ...from, delayMs: 201 },
        { ...from, delayMs: 201, loss: 0.125 },
      ].map((rule) => [{ kind: 'link', rule }]),
    )
  })

  it('spare the power of a role that is killed, and start it sooner', () => {
    expect(faultsOf(smaller(plan(kill))).slice(1)).to.deep.equal([
      [{ ...kill, power: false }],
      [{ ...kill, downMs: 4500 }],
    ])
  })

  it('are none for a plan without faults, and without one alone for what cannot be milder', () => {
    expect(smaller(plan())).to.deep.equal([])
    for (const least of [
      { ...disk, mostMs: 1 },
      { ...smtp, times: 1 },
      { ...kill, power: false, downMs: 200 },
    ])
      expect(faultsOf(smaller(plan(least))), least.kind).to.deep.equal([[]])
  })
})

describe('shrink', () => {
  let plays: number
  beforeEach(() => {
    plays = 0
  })
  const when =
    (breaks: (plan: Plan) => boolean) =>
    (candidate: Plan): Promise<boolean> => {
      plays++
      return Promise.resolve(breaks(candidate))
    }

  it('removes every fault that does not matter', async () => {
    const smallest = await shrink(
      plan(disk, smtp, kill, link),
      when((p) => kinds(p).includes('smtp') && kinds(p).includes('link')),
    )
    expect(smallest).to.deep.equal(plan({ ...smtp, times: 1 }, { kind: 'link', rule: { from: 'a', to: 'b' } }))
  })

  it('halves a number as long as it breaks', async () => {
    const slow = ({ faults: [first] }: Plan): boolean => first?.kind === 'disk' && first.mostMs >= 15
    expect(await shrink(plan(disk), when(slow))).to.deep.equal(plan({ ...disk, mostMs: 20 }))
  })

  it('answers the plan itself when nothing less breaks', async () => {
    const whole = plan(disk, smtp, kill, link)
    expect(
      await shrink(
        whole,
        when(() => false),
      ),
    ).to.deep.equal(whole)
    expect(plays).to.equal(smaller(whole).length)
  })

  it('comes down to no fault at all when it breaks by itself', async () => {
    expect(
      await shrink(
        plan(disk, smtp, kill, link),
        when(() => true),
      ),
    ).to.deep.equal(plan())
    expect(plays).to.equal(4)
  })

  it('plays no more often than it may, and keeps what it has by then', async () => {
    const all = (p: Plan): boolean => kinds(p).includes('disk')
    const smallest = await shrink(plan(smtp, kill, disk), when(all), 2)
    expect([kinds(smallest), plays]).to.deep.equal([['disk'], 2])
    expect(await shrink(plan(smtp, disk), when(all), 0)).to.deep.equal(plan(smtp, disk))
    expect(plays).to.equal(2)
  })

  it('plays 60 times at most when it is not told', async () => {
    const many = plan(...Array.from({ length: 100 }, () => disk))
    await shrink(
      many,
      when(() => false),
    )
    expect(plays).to.equal(60)
  })
})
