import { expect } from 'chai'
import { nearestExtended, SequenceTracker } from '../../src/media/sequence.ts'

const track = (...sequences: number[]): { tracker: SequenceTracker; answers: string[] } => {
  const tracker = new SequenceTracker()
  return { tracker, answers: sequences.map((sequence) => tracker.update(sequence)) }
}

describe('sequence tracking (RFC 3550 appendix A)', () => {
  it('counts nothing before the first packet', () => {
    const { tracker } = track()
    expect([tracker.extended, tracker.expected, tracker.received, tracker.lost]).to.deep.equal([-1, 0, 0, 0])
  })

  it('counts a gap as lost until it is filled', () => {
    const { tracker, answers } = track(10, 11, 14)
    expect([tracker.expected, tracker.lost]).to.deep.equal([5, 2])
    answers.push(tracker.update(12))
    expect(answers).to.deep.equal(['new', 'new', 'new', 'late'])
    expect([tracker.extended, tracker.lost]).to.deep.equal([14, 1])
  })

  it('knows a packet it has seen, the last one and a late one', () => {
    const { tracker, answers } = track(1, 2, 4, 4, 3, 3, 1)
    expect(answers).to.deep.equal(['new', 'new', 'new', 'duplicate', 'late', 'duplicate', 'duplicate'])
    expect([tracker.expected, tracker.received, tracker.lost]).to.deep.equal([4, 4, 0])
  })

  it('goes on past 65535', () => {
    const { tracker, answers } = track(65_534, 65_535, 1, 0, 65_535)
    expect(answers).to.deep.equal(['new', 'new', 'new', 'late', 'duplicate'])
    expect([tracker.extended, tracker.expected, tracker.lost]).to.deep.equal([65_537, 4, 0])
  })

  it('takes a stray packet far away for late and goes on', () => {
    const { tracker, answers } = track(100, 40_000, 101, 102)
    expect(answers).to.deep.equal(['new', 'late', 'new', 'new'])
    expect([tracker.extended, tracker.lost]).to.deep.equal([102, 0])
  })

  it('takes two stray packets for late when one of the stream stands between them', () => {
    expect(track(100, 40_000, 101, 40_001, 102).answers).to.deep.equal(['new', 'late', 'new', 'late', 'new'])
  })

  it('follows a restart from its second packet on, without inventing losses', () => {
    const { tracker, answers } = track(100, 101, 40_000, 40_001, 40_003)
    expect(answers).to.deep.equal(['new', 'new', 'late', 'new', 'new'])
    expect([tracker.extended, tracker.expected, tracker.lost]).to.deep.equal([40_003, 5, 1])
  })

  it('follows a restart further down as well, its cycles growing', () => {
    const { tracker } = track(5000, 100, 101)
    expect(tracker.extended).to.equal(65_536 + 101)
  })
})

describe('the nearest extended number (RFC 3711 appendix A)', () => {
  it('is before, in or after the cycle of the highest', () => {
    expect(nearestExtended(65_536 + 2, 65_535)).to.equal(65_535)
    expect(nearestExtended(65_536 + 2, 5)).to.equal(65_541)
    expect(nearestExtended(65_535, 0)).to.equal(65_536)
  })

  it('stays in the cycle when both are equally near', () => {
    expect(nearestExtended(65_536 + 1, 32_769)).to.equal(65_536 + 32_769)
    expect(nearestExtended(65_536 + 32_769, 1)).to.equal(65_537)
  })

  it('is exact up to the end of the 48-bit index', () => {
    expect(nearestExtended(2 ** 48 - 2, 65_535)).to.equal(2 ** 48 - 1)
  })
})
