import { expect } from 'chai'
import { Headers } from '../../src/sip/message/headers.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { byDiversion, callerOf } from '../../src/voicemail/personality.ts'
import { request } from '../support/fake-sip.ts'

const diverted = (...values: readonly string[]): SipRequest => ({
  ...request('INVITE', 'sip:7000@x'),
  headers: new Headers(values.map((value) => ({ name: 'Diversion', value }))),
})
const from = (value: string): SipRequest => request('INVITE', 'sip:7000@x', { From: value })

describe('whose mailbox a call is for, by Diversion (RFC 5806; facts 2.3)', () => {
  it('reads the INVITE of a Cisco manager to Exchange UM', () => {
    const value = '"Doe, Jane"<sip:65514@x>;privacy=off;reason=no-answer;screen=yes'
    expect(byDiversion(diverted(value))).to.deep.equal({ number: '65514', reason: 'no-answer' })
  })

  it('takes the topmost of several, the last to divert, from a list and from separate headers', () => {
    const last = '<sip:1003@x>;reason=user-busy'
    const first = '<sip:1001@x>;reason=unconditional'
    expect(byDiversion(diverted(last, first))).to.deep.equal({ number: '1003', reason: 'user-busy' })
    expect(byDiversion(diverted(`${last}, ${first}`))).to.deep.equal({ number: '1003', reason: 'user-busy' })
  })

  it('reads a tel: URI, an escaped plus, and a missing reason as unknown', () => {
    expect(byDiversion(diverted('<tel:+4533120100>'))).to.deep.equal({ number: '+4533120100', reason: 'unknown' })
    expect(byDiversion(diverted('<sip:%2B4533120100@x>')).number).to.equal('+4533120100')
  })

  it('passes over what is malformed or names nobody', () => {
    const values = ['"Doe <sip:1@x>', '<sip:gateway.test>;reason=deflection', '<sip:1001@x>;reason=no-answer']
    expect(byDiversion(diverted(...values))).to.deep.equal({ number: '1001', reason: 'no-answer' })
  })

  it('knows no mailbox when nobody diverted, or only somebody without a number', () => {
    expect(byDiversion(diverted())).to.deep.equal({ number: undefined, reason: 'none' })
    expect(byDiversion(diverted('<sip:gateway.test>;reason=away'))).to.deep.equal({ number: undefined, reason: 'away' })
  })
})

describe('who calls', () => {
  it('is the number and the name of From', () => {
    expect(callerOf(from('"Doe, John" <sip:62900@x>;tag=1'))).to.deep.equal({ number: '62900', name: 'Doe, John' })
    expect(callerOf(from('<tel:+4533120100>'))).to.deep.equal({ number: '+4533120100', name: undefined })
    expect(callerOf(from('"" <sip:1001@x>'))).to.deep.equal({ number: '1001', name: undefined })
  })

  it('has neither number nor name when anonymous (RFC 3323), whatever the host', () => {
    const nobody = { number: '', name: undefined }
    expect(callerOf(from('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'))).to.deep.equal(nobody)
    expect(callerOf(from('"Anonymous" <sip:Anonymous@sbc.edge.test>'))).to.deep.equal(nobody)
  })

  it('has no number in a From without a user or a malformed one', () => {
    expect(callerOf(from('"Lobby" <sip:10.0.0.5>'))).to.deep.equal({ number: '', name: 'Lobby' })
    expect(callerOf(from('nonsense'))).to.deep.equal({ number: '', name: undefined })
    expect(callerOf(request('INVITE', 'sip:7000@x'))).to.deep.equal({ number: '', name: undefined })
  })
})
