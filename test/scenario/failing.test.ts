import { expect } from 'chai'
import type { Happening } from '../../src/lab/events.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { overall, playSuite } from '../../src/scenario/suite.ts'
import { realStage } from '../support/stage.ts'

describe('a scenario that must fail', function () {
  this.timeout(60_000)

  it('names the station at fault and recognises the other greeting', async () => {
    const events: Happening[] = []
    const stage = await realStage((_, bus) => bus.subscribe((event) => events.push(event)))
    const [result] = await playSuite([await loadScenario('test/scenario/failing/wrong-greeting.yaml')], stage, 1)
    expect(overall(result === undefined ? [] : [result])).to.equal('failed')
    const failed = result?.steps.filter((s) => s.verdict === 'failed') ?? []
    expect(failed).to.have.length(1)
    expect(failed[0]).to.include({ expected: 'greeting-standard-1001', station: 'voicemail', line: 7 })
    expect(failed[0]?.observed).to.match(/^heard greeting-oof-1001 \((?:1\.00|0\.[89]\d)\)$/)
    expect(result?.summary).to.match(/^voicemail: expected greeting-standard-1001, heard greeting-oof-1001/)
    const shown = events.filter((e) => failed[0]?.evidence?.includes(e.seq)).map((e) => e.type)
    expect(shown).to.include.members(['ews.oof', 'voicemail.greeting'])
  })
})
