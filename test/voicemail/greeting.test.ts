import { expect } from 'chai'
import { chooseGreeting, needsOof, oofActive, type Fallback, type OofKnowledge } from '../../src/voicemail/greeting.ts'

/**
 * The decision of facts 3.1, written out by hand: every setting, every state of the automatic replies.
 *
 * always: OofGreetingEnabled; follow: OofGreetingFollowAutomaticRepliesEnabled; replies: what EWS said.
 * with, without: what plays for a mailbox that recorded both greetings, and for one that recorded none.
 */
const table = `
  always | follow | replies | fallback | with            | without         | because
  no     | no     | off     | cached   | custom standard | system standard | no out-of-office setting is on
  no     | no     | off     | system   | custom standard | system standard | no out-of-office setting is on
  no     | no     | on      | cached   | custom standard | system standard | no out-of-office setting is on
  no     | no     | on      | system   | custom standard | system standard | no out-of-office setting is on
  no     | no     | unknown | cached   | custom standard | system standard | no out-of-office setting is on
  no     | no     | unknown | system   | custom standard | system standard | no out-of-office setting is on
  no     | yes    | off     | cached   | custom standard | system standard | automatic replies are off
  no     | yes    | off     | system   | custom standard | system standard | automatic replies are off
  no     | yes    | on      | cached   | custom oof      | system oof      | automatic replies are on
  no     | yes    | on      | system   | custom oof      | system oof      | automatic replies are on
  no     | yes    | unknown | cached   | custom standard | system standard | the out-of-office state is not known: 401
  no     | yes    | unknown | system   | system standard | system standard | the out-of-office state is not known: 401
  yes    | no     | off     | cached   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | no     | off     | system   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | no     | on      | cached   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | no     | on      | system   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | no     | unknown | cached   | custom standard | system standard | the out-of-office state is not known: 401
  yes    | no     | unknown | system   | system standard | system standard | the out-of-office state is not known: 401
  yes    | yes    | off     | cached   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | yes    | off     | system   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | yes    | on      | cached   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | yes    | on      | system   | custom oof      | system oof      | OofGreetingEnabled is on
  yes    | yes    | unknown | cached   | custom standard | system standard | the out-of-office state is not known: 401
  yes    | yes    | unknown | system   | system standard | system standard | the out-of-office state is not known: 401`

const rows = table
  .trim()
  .split('\n')
  .slice(1)
  .map((row) => row.split('|').map((cell) => cell.trim()))

const knowledge: Readonly<Record<string, OofKnowledge>> = {
  on: { known: true, active: true },
  off: { known: true, active: false },
  unknown: { known: false, text: '401' },
}

describe('the greeting (facts 3.1)', () => {
  it('has a row for every combination', () => {
    expect(new Set(rows.map((row) => row.slice(0, 4).join(' ')))).to.have.property('size', 2 * 2 * 3 * 2)
  })

  for (const [always, follow, replies = '', fallback, recorded, unrecorded, because] of rows) {
    it(`always ${always}, follow ${follow}, replies ${replies}, ${fallback}: ${recorded} or ${unrecorded}`, () => {
      const settings = { enabled: true, oofAlways: always === 'yes', oofFollowsAutomaticReplies: follow === 'yes' }
      const play = (has: boolean): string => {
        const choice = chooseGreeting(settings, knowledge[replies]!, { standard: has, oof: has }, fallback as Fallback)
        expect(choice.because).to.equal(because)
        return `${choice.source} ${choice.kind}`
      }
      expect([play(true), play(false)]).to.deep.equal([recorded, unrecorded])
    })
  }

  it('plays the system prompt of the kind that is due when the other kind alone was recorded', () => {
    const settings = { enabled: true, oofAlways: true, oofFollowsAutomaticReplies: false }
    const choice = chooseGreeting(settings, knowledge['on']!, { standard: true, oof: false }, 'cached')
    expect(choice).to.deep.include({ kind: 'oof', source: 'system' })
  })

  it('needs the out-of-office state exactly when one of its settings is on', () => {
    for (const [oofAlways, oofFollowsAutomaticReplies] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const settings = { enabled: true, oofAlways, oofFollowsAutomaticReplies }
      expect(needsOof(settings)).to.equal(oofAlways || oofFollowsAutomaticReplies)
      if (!needsOof(settings)) expect(oofActive(settings, knowledge['on']!)[0]).to.equal(false)
    }
  })
})
