import { expect } from 'chai'
import type { Happening } from '../../src/lab/events.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { playVirtually } from '../../src/scenario/virtual/play.ts'
import { virtualStage } from '../support/stage.ts'

describe('a scenario that must fail', () => {
  it('names the station at fault and recognises the other greeting', async () => {
    const events: Happening[] = []
    const { result } = await playVirtually(await loadScenario('test/scenario/failing/wrong-greeting.yaml'), {
      ...(await virtualStage()),
      watch: (_, bus) => bus.subscribe((event) => events.push(event)),
    })
    expect(result.verdict).to.equal('failed')
    const failed = result.steps.filter((s) => s.verdict === 'failed')
    expect(failed).to.have.length(1)
    expect(failed[0]).to.include({ expected: 'greeting-standard-1001', station: 'voicemail', line: 7 })
    expect(failed[0]?.observed).to.match(/^heard greeting-oof-1001 \((?:1\.00|0\.9\d)\)$/)
    expect(result.summary).to.match(/^voicemail: expected greeting-standard-1001, heard greeting-oof-1001/)
    const shown = events.filter((e) => failed[0]?.evidence?.includes(e.seq)).map((e) => e.type)
    expect(shown).to.include.members(['ews.oof', 'voicemail.greeting'])
  })
})
