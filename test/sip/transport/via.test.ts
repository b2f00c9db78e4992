import { expect } from 'chai'
import { Headers } from '../../../src/sip/message/headers.ts'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { markReceived, replyAddress } from '../../../src/sip/transport/via.ts'

const from = { host: '192.0.2.1', port: 9988 }
const udp = { transport: 'udp', remote: from } as const

const withVias = (...values: string[]): SipRequest => ({
  type: 'request',
  method: 'OPTIONS',
  uri: 'sip:x',
  headers: new Headers(values.map((value) => ({ name: 'v', value }))),
  body: new Uint8Array(),
})

const marked = (...values: string[]) => markReceived(withVias(...values), from).headers.all('Via')

describe('the Via of a request that was received', () => {
  it('says the source address when sent-by is another (RFC 3261 §18.2.1)', () => {
    expect(marked('SIP/2.0/UDP 10.1.1.1:4540;branch=z9hG4bKx')).to.deep.equal([
      'SIP/2.0/UDP 10.1.1.1:4540;branch=z9hG4bKx;received=192.0.2.1',
    ])
  })
  it('stays as it is when sent-by is the source', () => {
    expect(marked('SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx')).to.deep.equal(['SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx'])
  })
  it('says address and port when rport asks (RFC 3581 §4)', () => {
    expect(marked('SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bKx')).to.deep.equal([
      'SIP/2.0/UDP 192.0.2.1;rport=9988;branch=z9hG4bKx;received=192.0.2.1',
    ])
  })
  it('is marked on top only, and also inside a comma list', () => {
    expect(marked('SIP/2.0/UDP a;rport, SIP/2.0/UDP b;rport', 'SIP/2.0/UDP c')).to.deep.equal([
      'SIP/2.0/UDP a;rport=9988;received=192.0.2.1, SIP/2.0/UDP b;rport',
      'SIP/2.0/UDP c',
    ])
  })
})

describe('the way of a response over UDP (RFC 3261 §18.2.2)', () => {
  const way = (via: string) => replyAddress(markReceived(withVias(via), from), udp)

  it('is the source address and the port of sent-by', () => {
    expect(way('SIP/2.0/UDP 10.1.1.1:4540')).to.deep.equal({ host: '192.0.2.1', port: 4540 })
  })
  it('is port 5060 when sent-by has none', () => {
    expect(way('SIP/2.0/UDP 10.1.1.1')).to.deep.equal({ host: '192.0.2.1', port: 5060 })
  })
  it('is the source port with rport (RFC 3581 §4), whatever the peer filled in', () => {
    expect(way('SIP/2.0/UDP 10.1.1.1:4540;rport=1')).to.deep.equal(from)
  })
})
