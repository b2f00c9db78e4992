import { expect } from 'chai'
import { Headers } from '../../../src/sip/message/headers.ts'
import { formatVia, parseVia, topVia } from '../../../src/sip/message/via.ts'

describe('Via (RFC 3261 §20.42)', () => {
  const examples: Record<string, ReturnType<typeof parseVia>> = {
    'SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7': {
      ...{ transport: 'UDP', host: 'erlang.bell-telephone.com', port: 5060 },
      params: new Map([['branch', 'z9hG4bK87asdks7']]),
    },
    'SIP/2.0/TLS [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3': {
      ...{ transport: 'TLS', host: '2001:db8::9:1' },
      params: new Map([
        ['received', '2001:db8::9:255'],
        ['branch', 'z9hG4bKas3'],
      ]),
    },
    'SIP/2.0/UDP 10.1.1.1:4540;received=192.0.2.1;rport;branch=z9hG4bKkjshdyff': {
      ...{ transport: 'UDP', host: '10.1.1.1', port: 4540 },
      params: new Map([
        ['received', '192.0.2.1'],
        ['rport', undefined],
        ['branch', 'z9hG4bKkjshdyff'],
      ]),
    },
  }
  for (const [written, via] of Object.entries(examples)) {
    it(`reads and writes ${written}`, () => {
      expect(parseVia(written)).to.deep.equal(via)
      expect(formatVia(via!)).to.equal(written)
    })
  }

  it('allows blanks around slashes and colon, and any case', () => {
    const via = parseVia('sip / 2.0 / tcp first.example.com: 4000;ttl=16 ;Branch=z9hG4bKa7c6a8dlze.1')
    expect(via).to.include({ transport: 'TCP', host: 'first.example.com', port: 4000 })
    expect(via?.params.get('branch')).to.equal('z9hG4bKa7c6a8dlze.1')
  })

  for (const value of [
    '',
    'SIP/2.0/UDP',
    'SIP/3.0/UDP a',
    'SIP/2.0/UDP a:66000',
    'SIP/2.0/UDP a b',
    'SIP/2.0/UDP a;;x',
    'UDP a',
    'SIP/2.0/UDP [::1',
  ]) {
    it(`refuses ${value === '' ? 'nothing' : value}`, () => {
      expect(parseVia(value)).to.equal(undefined)
    })
  }

  it('is topmost where it stands first, in a list or a compact form', () => {
    const headers = new Headers([
      { name: 'X', value: '1' },
      { name: 'v', value: 'SIP/2.0/UDP one;x="a,b", SIP/2.0/UDP two' },
      { name: 'Via', value: 'SIP/2.0/UDP three' },
    ])
    expect(topVia(headers)?.host).to.equal('one')
    expect(topVia(new Headers())).to.equal(undefined)
  })
})
