import { expect } from 'chai'
import { checkText } from '../../src/lab/document.ts'
import type { Sounds } from '../../src/lab/audio.ts'
import { labSchema } from '../../src/lab/schema.ts'
import { applyGiven, givenFile, givenSounds } from '../../src/scenario/given.ts'
import { FakeLab } from '../support/fake-lab.ts'
import { labText } from '../support/lab-text.ts'

const file = checkText(labText, 'lab.yaml', labSchema).value
const settings = { enabled: true, oofAlways: false, oofFollowsAutomaticReplies: true }
const box = { name: 'x', smtp: 'x@postern.test', settings, greetings: {} }
const sounds: Sounds = {
  prompts: { standard: new Int16Array(), oof: new Int16Array() },
  references: new Map(),
  extensions: [{ number: '1001', behaviour: 'rings', ringMs: 1000 }],
  mailboxes: [
    { ...box, number: '1001' },
    { ...box, number: '1002' },
  ],
}

describe('what a scenario changes of its lab', () => {
  it('is nothing when it is given nothing', () => {
    expect(givenFile(file, {})).to.equal(file)
    expect(givenSounds(sounds, {})).to.deep.equal(sounds)
    const lab = new FakeLab()
    applyGiven(lab, {})
    expect(lab.log).to.deep.equal([])
  })

  it('may be the certificate of the SBC, and the lab file of the others stays as it is', () => {
    expect(givenFile(file, { 'sbc-certificate': 'expired' }).sbc).to.deep.equal({ ...file.sbc, certificate: 'expired' })
    expect(file.sbc.certificate).to.equal('good')
  })

  it('may be how long the spool waits from one attempt to the next', () => {
    const given = givenFile(file, { 'retry-after': [30_000, 60_000], 'sbc-certificate': 'expired' })
    expect(given.voicemail).to.deep.equal({ ...file.voicemail, 'retry-after': [30_000, 60_000] })
    expect(given.sbc.certificate).to.equal('expired')
    expect(file.voicemail['retry-after']).to.have.length(7)
  })

  it('may be how long extensions ring', () => {
    expect(givenSounds(sounds, { ring: 300 }).extensions[0]?.ringMs).to.equal(300)
  })

  for (const [when, always, follows] of [
    ['never', false, false],
    ['always', true, false],
    ['follow-automatic-replies', false, true],
  ] as const) {
    it(`may be when the out-of-office greeting of one mailbox plays: ${when}`, () => {
      const [one, two] = givenSounds(sounds, { 'oof-greeting': { '1002': when } }).mailboxes
      expect(two?.settings).to.deep.equal({ enabled: true, oofAlways: always, oofFollowsAutomaticReplies: follows })
      expect(one?.settings).to.deep.equal(settings)
    })
  }

  it('is refused for a mailbox that is not in the lab', () => {
    expect(() => givenSounds(sounds, { 'oof-greeting': { '1009': 'always' } }))
      .to.throw('No mailbox "1009" in the lab: expected one of 1001, 1002')
      .with.property('code', 'mailbox-unknown')
    expect(() => applyGiven(new FakeLab(), { 'automatic-replies': { '1009': 'on' } })).to.throw('No mailbox "1009"')
  })

  it('is set in the running lab: replies, authorization, SMTP faults', () => {
    const lab = new FakeLab()
    const smtp = [{ at: 'message', reply: '451 4.3.2 later', times: 2 }] as const
    applyGiven(lab, { 'automatic-replies': { '1001': 'on' }, oauth: 'sfb-missing', smtp: [...smtp] })
    expect(lab.log).to.deep.equal(['replies 1001 "on"', 'authorization sfb-missing', `smtp ${JSON.stringify(smtp[0])}`])
  })
})
