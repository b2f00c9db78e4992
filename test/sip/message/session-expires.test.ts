import { expect } from 'chai'
import { Headers } from '../../../src/sip/message/headers.ts'
import {
  formatSessionExpires,
  knowsTimer,
  readMinSe,
  readSessionExpires,
} from '../../../src/sip/message/session-expires.ts'

const withField = (name: string, value: string): Headers => new Headers([{ name, value }])

describe('Session-Expires (RFC 4028 §4)', () => {
  const valid = [
    ['1800', { seconds: 1800 }],
    ['1800;refresher=uac', { seconds: 1800, refresher: 'uac' }],
    ['90 ; Refresher = UAS', { seconds: 90, refresher: 'uas' }],
    ['4000;x=y;refresher=uas', { seconds: 4000, refresher: 'uas' }],
    ['600;refresher=nobody', { seconds: 600 }],
  ] as const
  for (const [text, read] of valid) {
    it(`is read from "${text}"`, () => {
      expect(readSessionExpires(withField('Session-Expires', text))).to.deep.equal(read)
      expect(readSessionExpires(withField('x', text))).to.deep.equal(read)
    })
  }

  for (const text of ['', 'soon', '-1', '1800 seconds', '12345678901', '1800;=', '90,90']) {
    it(`is none in "${text}"`, () => {
      expect(readSessionExpires(withField('Session-Expires', text))).to.equal(undefined)
    })
  }

  it('is written with the refresher where there is one', () => {
    expect(formatSessionExpires({ seconds: 90 })).to.equal('90')
    expect(formatSessionExpires({ seconds: 1800, refresher: 'uac' })).to.equal('1800;refresher=uac')
  })
})

describe('Min-SE (RFC 4028 §5)', () => {
  const values = [
    ['1800', 1800],
    ['120;x=y', 120],
    ['90', 90],
    ['60', 90],
    ['long', 90],
  ] as const
  for (const [text, seconds] of values) {
    it(`is ${seconds} s in "${text}"`, () => {
      expect(readMinSe(withField('Min-SE', text))).to.equal(seconds)
    })
  }

  it('is 90 s where it is missing', () => {
    expect(readMinSe(new Headers())).to.equal(90)
  })
})

describe('the option tag timer (RFC 4028 §7.1)', () => {
  it('is found in Supported, in its short form and in Require, in any case', () => {
    expect(knowsTimer(withField('Supported', '100rel, Timer'))).to.equal(true)
    expect(knowsTimer(withField('k', 'timer'))).to.equal(true)
    expect(knowsTimer(withField('Require', 'timer'))).to.equal(true)
    expect(knowsTimer(withField('Supported', 'timers, 100rel'))).to.equal(false)
  })
})
