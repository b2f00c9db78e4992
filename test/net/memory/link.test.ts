import { expect } from 'chai'
import { seededRandom } from '../../../src/kernel/random.ts'
import { createLink, type LinkFaults, type LinkRule } from '../../../src/net/memory/link.ts'

const [pbx, sbc, voicemail] = ['127.0.10.10', '127.0.10.20', '127.0.20.30'] as const
const many = 4000

const link = (...rules: readonly LinkRule[]) => createLink(seededRandom('link'), rules)
const everywhere = (faults: LinkFaults) => link({ from: '*', to: '*', ...faults })

/** When each copy of many datagrams arrives, each sent by itself. */
const datagrams = (faults: LinkFaults): readonly (readonly number[])[] => {
  const carried = everywhere(faults)
  return Array.from({ length: many }, () => carried.datagram(pbx, sbc))
}

/** Three standard deviations of the share of `many` draws. */
const near = (share: number): number => 3 * Math.sqrt((share * (1 - share)) / many)
const shareOf = (all: readonly (readonly number[])[], wanted: (one: readonly number[]) => boolean): number =>
  all.filter(wanted).length / all.length

describe('a link', () => {
  it('takes 1 ms each way where no rule says otherwise', () => {
    for (const straight of [link(), link({ from: sbc, to: '*', delayMs: 50 })]) {
      expect(straight.datagram(pbx, sbc)).to.deep.equal([1])
      expect(straight.stream(pbx, sbc)).to.equal(1)
    }
  })

  it('goes by the first rule that fits: a host, the beginning of hosts, or any', () => {
    const ruled = link(
      { from: pbx, to: sbc, delayMs: 10 },
      { from: '127.0.10.', to: '127.0.20.', delayMs: 20 },
      { from: pbx, to: '*', delayMs: 30 },
      { from: '*', to: pbx, delayMs: 40 },
    )
    const delays = [
      [pbx, sbc],
      [pbx, voicemail],
      [pbx, '192.0.2.1'],
      [voicemail, pbx],
      [voicemail, sbc],
    ].map(([from = '', to = '']) => [ruled.stream(from, to), ...ruled.datagram(from, to)])
    expect(delays).to.deep.equal([
      [10, 10],
      [20, 20],
      [30, 30],
      [40, 40],
      [1, 1],
    ])
  })

  it('takes a host by its whole address, not by its beginning', () => {
    const ruled = link({ from: '127.0.10.1', to: '*', delayMs: 50 })
    expect([ruled.stream('127.0.10.1', sbc), ruled.stream(pbx, sbc)]).to.deep.equal([50, 1])
  })

  it('adds a jitter between nothing and its most', () => {
    const carried = everywhere({ delayMs: 20, jitterMs: 10 })
    for (const draw of [() => carried.stream(pbx, sbc), () => carried.datagram(pbx, sbc)[0] ?? 0]) {
      const delays = Array.from({ length: many }, draw)
      expect(Math.min(...delays)).to.be.within(20, 20.1)
      expect(Math.max(...delays)).to.be.within(29.9, 30)
      expect(delays.reduce((sum, ms) => sum + ms, 0) / many).to.be.closeTo(25, 0.2)
    }
  })

  it('loses its share of datagrams', () => {
    expect(shareOf(datagrams({ loss: 0.2 }), (copies) => copies.length === 0)).to.be.closeTo(0.2, near(0.2))
  })

  it('loses all with a share of 1, and none with a share of 0', () => {
    expect(shareOf(datagrams({ loss: 1 }), (copies) => copies.length === 0)).to.equal(1)
    expect(shareOf(datagrams({ loss: 0 }), (copies) => copies.length === 1)).to.equal(1)
  })

  it('doubles its share of those that arrive', () => {
    const all = datagrams({ duplicate: 0.3 })
    expect(shareOf(all, (copies) => copies.length === 2)).to.be.closeTo(0.3, near(0.3))
    expect(shareOf(all, (copies) => copies.length === 1)).to.be.closeTo(0.7, near(0.3))
  })

  it('holds its share back, by 30 ms unless told', () => {
    const all = datagrams({ delayMs: 5, reorder: 0.1 })
    expect(shareOf(all, ([ms]) => ms === 35)).to.be.closeTo(0.1, near(0.1))
    expect(shareOf(all, ([ms]) => ms === 5)).to.be.closeTo(0.9, near(0.1))
    expect(shareOf(datagrams({ delayMs: 5, reorder: 1, reorderMs: 70 }), ([ms]) => ms === 75)).to.equal(1)
  })

  it('treats the bytes of a stream neither to loss nor to doubling nor to holding back', () => {
    const carried = everywhere({ delayMs: 5, loss: 1, duplicate: 1, reorder: 1 })
    expect(carried.stream(pbx, sbc)).to.equal(5)
  })

  it('does the same for the same seed', () => {
    const faults = { jitterMs: 10, loss: 0.1, duplicate: 0.1, reorder: 0.1 }
    expect(datagrams(faults)).to.deep.equal(datagrams(faults))
  })
})
