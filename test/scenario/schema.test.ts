import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { checkText } from '../../src/lab/document.ts'
import { scenarioSchema, type ScenarioFile } from '../../src/scenario/schema.ts'

const head = 'version: 1\nscenario: x\n'
const read = (text: string): ScenarioFile => checkText(head + text, 's.yaml', scenarioSchema).value

function faults(text: string): string {
  try {
    read(text)
  } catch (thrown) {
    if (thrown instanceof PosternError) return thrown.message
  }
  throw new Error('it was taken')
}

const known =
  'tone, hang-up, ended, call, refused, say, press, wait, until, hear, mail, no-mail, no-more-mail, event, no-event, kill, start'
const moment = 'expected a date and time with an offset, as in 2026-03-28T16:00:00+01:00'

describe('the steps of a scenario', () => {
  for (const [text, step] of [
    ['tone', { verb: 'tone', value: { within: 60_000 } }],
    ['tone: { within: 5s }', { verb: 'tone', value: { within: 5000 } }],
    ['hang-up', { verb: 'hang-up' }],
    ['ended', { verb: 'ended' }],
    ['call: { from: "+45", to: "1001" }', { verb: 'call', value: { from: '+45', to: '1001' } }],
    ['refused: 486', { verb: 'refused', value: 486 }],
    ['say: message-anna', { verb: 'say', value: 'message-anna' }],
    ['say: { sound: message-anna, for: 3s }', { verb: 'say', value: { sound: 'message-anna', for: 3000 } }],
    ['press: "12#*A"', { verb: 'press', value: '12#*A' }],
    ['wait: 1.5s', { verb: 'wait', value: 1500 }],
    ['wait: 2d', { verb: 'wait', value: 172_800_000 }],
    ['until: 2026-03-29T11:30:00+02:00', { verb: 'until', value: '2026-03-29T11:30:00+02:00' }],
    ['hear: greeting-oof-1001', { verb: 'hear', value: 'greeting-oof-1001' }],
    ['mail: { to: "1001" }', { verb: 'mail', value: { to: '1001', kind: 'voice', within: 15_000 } }],
    [
      'mail: { to: "1001", begins: message-anna, within: 4d }',
      { verb: 'mail', value: { to: '1001', kind: 'voice', begins: 'message-anna', within: 345_600_000 } },
    ],
    ['no-more-mail: { to: "1001", kind: voice }', { verb: 'no-more-mail', value: { to: '1001', kind: 'voice' } }],
    ['kill: voicemail', { verb: 'kill', value: { role: 'voicemail', power: false } }],
    ['kill: { role: sbc, power: true }', { verb: 'kill', value: { role: 'sbc', power: true } }],
    ['start: exchange', { verb: 'start', value: 'exchange' }],
    ['no-mail: { to: "1001" }', { verb: 'no-mail', value: { to: '1001' } }],
    [
      'event: { type: ews.oof, with: { a: 1, b: true, c: x } }',
      { verb: 'event', value: { type: 'ews.oof', with: { a: 1, b: true, c: 'x' }, within: 5000 } },
    ],
  ] as const) {
    it(`reads ${text}`, () => expect(read(`steps:\n  - ${text}`).steps).to.deep.equal([step]))
  }

  for (const [text, fault] of [
    ['beep', `4:5: steps.0: expected a step: one of ${known}`],
    ['7', `4:5: steps.0: expected a step: one of ${known}`],
    ['[tone]', `4:5: steps.0: expected a step: one of ${known}`],
    ['frob: 1', `4:5: steps.0: "frob" is not a step; expected one of ${known}`],
    ['constructor: 1', `4:5: steps.0: "constructor" is not a step; expected one of ${known}`],
    ['{ say: a, hear: b }', `4:5: steps.0: expected one verb a step, of ${known}`],
    ['hang-up:', '4:5: steps.0: hang-up stands alone, without a colon'],
    ['call: { from: +45, to: "1" }', '4:19: steps.0.call.from: expected a telephone number, in quotes'],
    ['call: { from: "1" }', '4:11: steps.0.call.to: expected a telephone number, in quotes'],
    ['call: { from: "1", to: "2", nam: x }', '4:33: steps.0.call: "nam" is not known here'],
    ['tone: { within: 5 }', '4:21: steps.0.tone.within: expected a duration such as 300ms, 2s or 5min'],
    ['refused: 200', '4:14: steps.0.refused: expected 300 or more, found 200'],
    ['press: "1x"', '4:12: steps.0.press: expected keys from 0-9 * # A-D'],
    ['hear: ""', '4:11: steps.0.hear: expected the name of a sound, as in message-anna'],
    [
      'mail: { to: "1", kind: vice }',
      '4:28: steps.0.mail.kind: expected one of voice, missed-call, non-delivery, found "vice"',
    ],
    [
      'say: { sound: a, for: 3 }',
      '4:10: steps.0.say: expected the name of a sound, as in message-anna, or { sound: message-anna, for: 3s }',
    ],
    ['until: tomorrow', `4:12: steps.0.until: ${moment}`],
    ['until: 2026-03-29T11:30:00', `4:12: steps.0.until: ${moment}`],
    ['kill: phone', '4:11: steps.0.kill.role: expected one of pbx, sbc, voicemail, exchange, found "phone"'],
    ['kill: { power: true }', '4:11: steps.0.kill.role: expected one of pbx, sbc, voicemail, exchange, found nothing'],
    ['kill: { role: sbc, hard: true }', '4:24: steps.0.kill: "hard" is not known here'],
    ['start: { role: sbc }', '4:12: steps.0.start: expected one of pbx, sbc, voicemail, exchange, found a map'],
    ['event: { station: pbx }', '4:12: steps.0.event.type: missing, expected a text'],
  ] as const) {
    it(`says of "${text}": ${fault}`, () => expect(faults(`steps:\n  - ${text}`)).to.equal(`s.yaml:${fault}`))
  }

  it('must be there', () => {
    expect(faults('')).to.equal('s.yaml:1:1: steps: missing, expected a list')
    expect(faults('steps: []')).to.equal('s.yaml:3:8: steps: expected at least 1 of them')
  })
})

describe('how long a scenario may take', () => {
  it('is ten minutes unless it says', () => {
    expect(read('steps: [tone]').takes).to.equal(600_000)
    expect(read('takes: 5d\nsteps: [tone]').takes).to.equal(432_000_000)
  })

  it('is a duration', () => {
    const fault = 's.yaml:3:8: takes: expected a duration such as 300ms, 2s or 5min'
    expect(faults('takes: long\nsteps: [tone]')).to.equal(fault)
  })
})

describe('what a scenario is given', () => {
  it('is nothing when left out', () => expect(read('steps: [tone]').given).to.deep.equal({}))

  it('reads every setting; on and off are words of YAML 1.2, not truth values', () => {
    const window = '{ from: 2026-01-01T00:00:00Z, to: 2026-01-02T00:00:00+01:00 }'
    const text = `given:\n  automatic-replies: { "1001": on, "1002": ${window} }\n  oauth: sfb-missing\n  ring: 2s\n`
    const more =
      '  smtp: [{ reply: "451 4.3.2 later" }]\n  sbc-certificate: expired\n  oof-greeting: { "1001": always }\n  date: 2026-03-28T16:00:00+01:00\n  retry-after: [30s, 1d]\nsteps: [tone]'
    expect(read(text + more).given).to.deep.equal({
      'automatic-replies': { 1001: 'on', 1002: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00+01:00' } },
      'oof-greeting': { 1001: 'always' },
      oauth: 'sfb-missing',
      ring: 2000,
      'sbc-certificate': 'expired',
      smtp: [{ at: 'message', reply: '451 4.3.2 later', times: 1 }],
      date: '2026-03-28T16:00:00+01:00',
      'retry-after': [30_000, 86_400_000],
    })
  })

  for (const [text, fault] of [
    ['oauth: nope', '3:17: given.oauth: expected one of works, application-disabled'],
    ['automatic-replies: { "1": maybe }', '3:36: given.automatic-replies.1: expected off, on or { from: …, to: … }'],
    ['sbc-certificate: good', '3:27: given.sbc-certificate: expected one of expired, wrong-name, found "good"'],
    ['smtp: [{ reply: "250 ok" }]', '3:26: given.smtp.0.reply: expected an SMTP reply such as "451 4.3.2 try later"'],
    ['ring: 5', '3:16: given.ring: expected a duration such as 300ms, 2s or 5min'],
    ['date: 2026-03-28', `3:16: given.date: ${moment}`],
    ['retry-after: []', '3:23: given.retry-after: expected at least 1 of them'],
    ['retry-after: [30s, 5]', '3:29: given.retry-after.1: expected a duration such as 300ms, 2s or 5min'],
    ['rings: 5s', '3:10: given: "rings" is not known here'],
  ] as const) {
    it(`says of "${text}": ${fault}`, () => {
      expect(faults(`given: { ${text} }\nsteps: [tone]`))
        .to.match(/^s\.yaml:/)
        .and.to.include(`s.yaml:${fault}`)
    })
  }
})
