import { expect } from 'chai'
import { parseCSeq } from '../../../src/sip/message/cseq.ts'
import { reasonPhrase } from '../../../src/sip/message/reason-phrase.ts'

describe('CSeq (RFC 3261 §20.16)', () => {
  it('is a number and a method', () => {
    expect(parseCSeq('4711 INVITE')).to.deep.equal({ number: 4711, method: 'INVITE' })
    expect(parseCSeq('0009   invite')).to.deep.equal({ number: 9, method: 'invite' })
    expect(parseCSeq('2147483647 ACK')?.number).to.equal(2 ** 31 - 1)
  })

  for (const value of [
    undefined,
    '',
    '1',
    'INVITE',
    '-1 INVITE',
    '1.5 INVITE',
    '1 IN VITE',
    '1 IN<VITE',
    '2147483648 ACK',
  ]) {
    it(`is not ${value === undefined ? 'missing' : JSON.stringify(value)}`, () => {
      expect(parseCSeq(value)).to.equal(undefined)
    })
  }
})

describe('reason phrases (RFC 3261 §21)', () => {
  it('are the registered ones', () => {
    expect([180, 200, 302, 408, 486, 487, 488, 603].map(reasonPhrase)).to.deep.equal([
      ...['Ringing', 'OK', 'Moved Temporarily', 'Request Timeout', 'Busy Here', 'Request Terminated'],
      ...['Not Acceptable Here', 'Decline'],
    ])
  })

  it('are the name of the class for other statuses', () => {
    expect([199, 299, 499, 599, 699, 700].map(reasonPhrase)).to.deep.equal([
      ...['Early Dialog Terminated', 'Success', 'Client Error', 'Server Error', 'Global Failure', 'Unknown'],
    ])
  })
})
