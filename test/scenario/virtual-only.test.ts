import { expect } from 'chai'
import { checkText } from '../../src/lab/document.ts'
import { scenarioSchema } from '../../src/scenario/schema.ts'
import { virtualOnly } from '../../src/scenario/virtual-only.ts'

const why = (text: string): string | undefined => {
  const { value: file } = checkText(`version: 1\nscenario: x\n${text}`, 's.yaml', scenarioSchema)
  return virtualOnly({ file })
}

describe('a scenario can be played in virtual time alone', () => {
  for (const [text, reason] of [
    ['takes: 601s\nsteps: [tone]', 'it takes more than 10 min'],
    ['given: { date: 2026-03-28T16:00:00+01:00 }\nsteps: [tone]', 'it sets the date'],
    ['steps: [tone, until: 2026-03-29T11:30:00+02:00]', 'it waits for a date'],
    ['steps: [tone, kill: voicemail]', 'it kills a role'],
  ] as const) {
    it(`because ${reason}`, () => expect(why(text)).to.equal(reason))
  }

  it('and everywhere else too when it does none of that', () => {
    expect(why('takes: 10min\ngiven: { retry-after: [30s], ring: 2s }\nsteps: [tone, wait: 5min]')).to.equal(undefined)
  })
})
