import { expect } from 'chai'
import type { StepResult } from '../../src/scenario/result.ts'
import { summarise } from '../../src/scenario/summary.ts'

const passed: StepResult = { text: 'the caller hangs up', line: 5, verdict: 'passed' }
const heard: StepResult = { ...passed, observed: 'heard greeting-standard-1001 (0.97)' }

describe('the summary of a scenario', () => {
  it('tells what was heard and what arrived when all passed', () => {
    const mail: StepResult = { ...passed, observed: 'voice mail "Voice Mail"' }
    expect(summarise([passed, heard, mail])).to.equal('heard greeting-standard-1001 (0.97); voice mail "Voice Mail"')
    expect(summarise([passed])).to.equal('nothing to tell')
  })

  it('tells the first failure: station, what was expected, what was observed, and the line', () => {
    const failed: StepResult = {
      ...passed,
      verdict: 'failed',
      line: 7,
      station: 'voicemail',
      expected: 'a tone',
      observed: 'none was heard',
    }
    const later: StepResult = { ...failed, line: 9 }
    expect(summarise([heard, failed, later])).to.equal('voicemail: expected a tone, none was heard (line 7)')
  })

  it('tells the step itself where nothing more is known', () => {
    const failed: StepResult = { ...passed, verdict: 'failed' }
    expect(summarise([failed])).to.equal('the caller hangs up, it did not happen (line 5)')
  })

  it('says that this machine fell behind, where a failure may be its own fault', () => {
    const failed = { text: 'a', line: 3, verdict: 'failed', observed: 'b' } as const
    expect(summarise([failed], 240)).to.match(/fell behind by up to 240 ms/)
    expect(summarise([{ ...failed, verdict: 'passed' }], 240)).to.equal('b')
  })
})
