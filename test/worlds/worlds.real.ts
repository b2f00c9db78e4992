import { expect } from 'chai'
import { essenceOf, playBoth, secondsRecorded, type BothWorlds } from './worlds.ts'

/** Plays on sockets for as long as the longest call: run by `npm run test:worlds` and in CI, not by `npm test`. */
describe('the two worlds', function () {
  this.timeout(120_000)
  let both: BothWorlds

  before(async () => {
    both = await playBoth()
  })

  it('play the same scenarios, eight or more, with the same verdicts, sounds heard and mails', async () => {
    expect(both.real.length).to.be.at.least(8)
    for (const [i, real] of both.real.entries()) {
      const virtual = both.virtual[i]
      expect(virtual?.name).to.equal(real.name)
      if (virtual === undefined) continue
      const summaries = `${real.name}\nreal: ${real.summary}\nvirtual: ${virtual.summary}`
      expect(await essenceOf(virtual), summaries).to.deep.equal(await essenceOf(real))
    }
  })

  it('record the same lengths, to half a second', async () => {
    for (const [i, real] of both.real.entries()) {
      const virtual = both.virtual[i]
      if (virtual === undefined) continue
      const [ours, theirs] = [await secondsRecorded(virtual), await secondsRecorded(real)]
      for (const [j, seconds] of ours.entries()) expect(seconds, real.name).to.be.closeTo(theirs[j] ?? NaN, 0.5)
    }
  })
})
