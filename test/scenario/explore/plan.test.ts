import { expect } from 'chai'
import { loadLab } from '../../../src/lab/load.ts'
import { faultText, planOf, type Fault, type Plan } from '../../../src/scenario/explore/plan.ts'

const { file } = await loadLab('labs/embedded.yaml')
const plans: readonly Plan[] = Array.from({ length: 1000 }, (_, seed) => planOf(seed, file))
const faults = plans.flatMap((plan) => plan.faults)

type Kind = Fault['kind']
const of = <K extends Kind>(kind: K): readonly Extract<Fault, { kind: K }>[] =>
  faults.filter((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind)

/** Each value that was drawn, once. */
const drawn = <T>(values: readonly T[]): readonly T[] => [...new Set(values)].sort()

describe('a plan', () => {
  it('is the same for the same seed, and another for another seed', () => {
    const some = plans.slice(0, 100)
    expect(some.map(({ seed }) => planOf(seed, file))).to.deep.equal(some)
    expect(new Set(some.map((plan) => JSON.stringify(plan.faults))).size).to.be.at.least(95)
  })

  it('is harmless half of the time', () => {
    expect(plans.filter((plan) => plan.harmless).length).to.be.within(450, 550)
  })

  it('has from one to three faults', () => {
    expect(drawn(plans.map((plan) => plan.faults.length))).to.deep.equal([1, 2, 3])
  })

  it('draws every kind of fault', () => {
    expect(drawn(faults.map((fault) => fault.kind))).to.deep.equal(['disk', 'kill', 'link', 'smtp'])
  })

  it('slows paths alone when it is harmless, and loses nothing', () => {
    for (const fault of plans.filter((plan) => plan.harmless).flatMap((plan) => plan.faults)) {
      if (fault.kind !== 'link') expect.fail(`${fault.kind} in a harmless plan`)
      const { delayMs = 0, jitterMs = 0, loss = 0, duplicate = 0, reorder = 0 } = fault.rule
      expect([delayMs <= 40, jitterMs < 35, duplicate <= 0.02, reorder <= 0.02, loss]).to.deep.equal([
        ...Array<boolean>(4).fill(true),
        0,
      ])
    }
  })

  it('treats every path of the lab, each direction by itself', () => {
    expect(drawn(of('link').map(({ rule }) => `${rule.from} ${rule.to}`))).to.deep.equal([
      '127.0.10.10 127.0.10.10',
      '127.0.10.10 127.0.10.20',
      '127.0.10.20 127.0.10.10',
      '127.0.20.20 127.0.20.30',
      '127.0.20.30 127.0.20.20',
      '127.0.20.30 127.0.20.40',
      '127.0.20.40 127.0.20.30',
    ])
  })

  it('loses up to 30 % where it is not harmless', () => {
    const losses = of('link').map(({ rule }) => rule.loss ?? 0)
    expect(Math.max(...losses)).to.be.within(0.25, 0.3)
  })

  it('slows disks by up to 100 ms a step', () => {
    const slow = of('disk').map(({ mostMs }) => mostMs)
    expect([Math.min(...slow) >= 1, Math.max(...slow) <= 100]).to.deep.equal([true, true])
  })

  it('refuses mail at every step with every reply, up to three times', () => {
    const smtp = of('smtp')
    expect(drawn(smtp.map(({ at }) => at))).to.deep.equal(['message', 'recipient', 'sender'])
    expect(drawn(smtp.map(({ reply }) => reply.slice(0, 3)))).to.deep.equal(['421', '451', '452', '550'])
    expect(drawn(smtp.map(({ times }) => times))).to.deep.equal([1, 2, 3])
  })

  it('kills every role, with its power and without, and starts it again within about ten seconds', () => {
    const kills = of('kill')
    expect(drawn(kills.map(({ role, power }) => `${role} ${String(power)}`))).to.have.length(8)
    expect(Math.max(...kills.map(({ downMs }) => downMs))).to.be.within(9000, 10_100)
    expect(Math.min(...kills.map(({ downMs }) => downMs))).to.be.at.least(100)
  })
})

describe('a fault in one line', () => {
  for (const [fault, text] of [
    [{ kind: 'link', rule: { from: 'a', to: 'b', delayMs: 40, loss: 0.1 } }, 'from a to b: delayMs 40, loss 0.1'],
    [{ kind: 'disk', mostMs: 7 }, 'each step of a disk takes up to 7 ms'],
    [
      { kind: 'smtp', at: 'sender', reply: '451 4.3.2 try later', times: 2 },
      'the receive connector answers 451 4.3.2 try later at sender, 2 times',
    ],
    [
      { kind: 'kill', role: 'sbc', atEvent: 12, power: false, downMs: 300 },
      'sbc is killed at event 12, started again 300 ms later',
    ],
    [
      { kind: 'kill', role: 'voicemail', atEvent: 3, power: true, downMs: 200 },
      'voicemail is killed at event 3 with its power lost, started again 200 ms later',
    ],
  ] as const satisfies readonly (readonly [Fault, string])[]) {
    it(`says that ${text}`, () => expect(faultText(fault)).to.equal(text))
  }
})
