import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { checkText } from '../../src/lab/document.ts'
import { duration, labSchema } from '../../src/lab/schema.ts'
import { labText } from '../support/lab-text.ts'

/** What is said of the small lab with one text in place of another. */
function faultOf(from: string, to: string): string {
  expect(labText).to.include(from)
  try {
    checkText(labText.replace(from, to), 'lab.yaml', labSchema)
  } catch (thrown) {
    if (thrown instanceof PosternError) return thrown.message
  }
  throw new Error('it was taken')
}

describe('a duration', () => {
  for (const [text, ms] of [
    ['300ms', 300],
    ['2s', 2000],
    ['1.5s', 1500],
    ['5min', 300_000],
    ['96h', 345_600_000],
    ['5d', 432_000_000],
    ['1.1s', 1100],
    ['0s', 0],
  ] as const) {
    it(`${text} is ${ms} ms`, () => expect(duration.parse(text)).to.equal(ms))
  }

  for (const text of ['', '5', '5 s', '-1s', '1w', 's', '1s2ms', 5]) {
    it(`${JSON.stringify(text)} is none`, () => {
      expect(duration.safeParse(text).error?.issues[0]?.message).to.equal(
        'expected a duration such as 300ms, 2s or 5min',
      )
    })
  }
})

describe('the lab schema', () => {
  it('fills in what is left out', () => {
    const { value } = checkText(labText, 'lab.yaml', labSchema)
    expect(value.pbx.ports).to.deep.equal({ udp: 0, tcp: 0 })
    expect(value.extensions[1]).to.deep.include({ number: '1002', phone: 'answers', ring: 2000 })
    expect(value.voicemail).to.deep.include({ 'too-short': 2000, 'longest-message': 300_000, silence: 3000 })
    expect(value.voicemail).to.deep.include({ 'greeting-without-oauth': 'cached', 'give-up-after': 345_600_000 })
    expect(value.mailboxes[0]).to.deep.include({ voicemail: true, 'automatic-replies': 'off' })
    expect([value.control, value.sbc.certificate]).to.deep.equal([{ bind: '127.0.0.1', port: 0 }, 'good'])
  })

  it('listens on loopback unless told otherwise (secure by default)', () => {
    const { pbx, sbc, voicemail, exchange, control } = checkText(labText, 'lab.yaml', labSchema).value
    for (const { bind } of [pbx, sbc.inside, sbc.outside, voicemail, exchange, control]) expect(bind).to.match(/^127\./)
  })

  for (const [from, to, fault] of [
    ['version: 1', 'version: 2', '1:10: version: expected version: 1'],
    ['pilot: "7000"', 'pilot: 7000', '7:8: pilot: expected a telephone number, in quotes'],
    ['number: "1002", phone', 'number: "1001", phone', '6:15: extensions.1.number: 1001 stands twice'],
    ['number: "1002", name', 'number: "1001", name', '23:15: mailboxes.1.number: 1001 stands twice'],
    ['pilot: "7000"', 'pilot: "1002"', '7:8: pilot: 1002 is an extension already'],
    [
      'carl.jensen@postern.test',
      'carl.jensen@mail.test',
      '23:48: mailboxes.1.smtp: expected an address of postern.test: voicemail goes to Exchange mailboxes only',
    ],
    ['phone: rings', 'phone: lazy', '5:30: extensions.0.phone: expected one of rings, answers, busy, found "lazy"'],
    ['bind: 127.0.10.10', 'bind: x, ports: { tls: 1 }', '3:49: pbx.ports: "tls" is not known here'],
    ['bind: 127.0.10.10', 'bind: x, ports: { udp: 65536 }', '3:54: pbx.ports.udp: expected 65535 or less, found 65536'],
    ['bind: 127.0.10.10', 'bind: x, media: [5, 4]', '3:47: pbx.media: expected the first port, then the last'],
    [
      'bind: 127.0.20.30',
      'bund: 127.0.20.30',
      '12:3: voicemail.bind: missing, expected a text\nlab.yaml:13:3: voicemail: "bund" is not known here',
    ],
    ['anna.berg@postern.test', 'anna', '20:11: mailboxes.0.smtp: expected a mail address, as in anna@example.com'],
    ['silence: 3s', 'silence: 3', '14:12: voicemail.silence: expected a duration such as 300ms, 2s or 5min'],
    [
      'oof-greeting: always',
      'oof-greeting: no',
      '22:19: mailboxes.0.oof-greeting: expected one of never, always, follow-automatic-replies, found "no"',
    ],
    [
      'oof-greeting: always',
      'automatic-replies: 5',
      '22:24: mailboxes.0.automatic-replies: expected off, on or { from: …, to: … } with dates as in 2026-08-03T08:00:00+02:00',
    ],
  ] as const) {
    it(`says ${fault.replace('\n', ', ')}`, () => expect(faultOf(from, to)).to.equal(`lab.yaml:${fault}`))
  }
})
