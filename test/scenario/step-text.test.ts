import { expect } from 'chai'
import { checkText } from '../../src/lab/document.ts'
import { scenarioSchema } from '../../src/scenario/schema.ts'
import { stepText } from '../../src/scenario/step-text.ts'

describe('a step in one line', () => {
  for (const [step, text] of [
    ['call: { from: "+45", name: Carl, to: "1001" }', 'Carl calls 1001'],
    ['call: { from: "+45", to: "1001" }', '+45 calls 1001'],
    ['refused: 403', 'the call is refused with 403'],
    ['tone', 'the tone is heard'],
    ['say: message-anna', 'the caller says message-anna'],
    ['say: { sound: message-carl, for: 1.5s }', 'the caller says the first 1500 ms of message-carl'],
    ['press: "#"', 'the caller presses #'],
    ['wait: 1.5s', '1500 ms pass'],
    ['wait: 90s', '90 s pass'],
    ['wait: 96h', '4 d pass'],
    ['wait: 0s', '0 ms pass'],
    ['until: 2026-03-29T11:30:00+02:00', 'it becomes 2026-03-29T11:30:00+02:00'],
    ['hear: greeting', 'the caller hears greeting'],
    ['hang-up', 'the caller hangs up'],
    ['ended', 'the other side ends the call'],
    ['mail: { to: "1001", kind: missed-call }', 'a missed-call mail arrives for 1001'],
    ['no-mail: { to: "1001" }', 'no mail arrives for 1001'],
    ['no-mail: { to: "1001", kind: voice }', 'no voice mail arrives for 1001'],
    ['no-more-mail: { to: "1001" }', 'no more mail arrives for 1001'],
    ['no-more-mail: { to: "1001", kind: voice }', 'no more voice mail arrives for 1001'],
    ['kill: sbc', 'sbc is killed'],
    ['kill: { role: voicemail, power: true }', 'voicemail is killed, its power lost'],
    ['start: sbc', 'sbc starts'],
    ['event: { type: ews.oof, station: voicemail }', 'voicemail says ews.oof'],
    ['event: { type: ews.oof }', 'a station says ews.oof'],
    ['no-event: { type: ews.oof, station: sbc }', 'sbc never says ews.oof'],
    ['no-event: { type: ews.oof }', 'no station says ews.oof'],
  ] as const) {
    it(`${step} is: ${text}`, () => {
      const { steps } = checkText(`version: 1\nscenario: x\nsteps: \n  - ${step}`, 's.yaml', scenarioSchema).value
      expect(steps.map(stepText)).to.deep.equal([text])
    })
  }
})
