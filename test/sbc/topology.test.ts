import { expect } from 'chai'
import fc from 'fast-check'
import { readDiversions } from '../../src/sip/message/diversion.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { parseNameAddr } from '../../src/sip/message/name-addr.ts'
import { crossing, crossingParty, rehost } from '../../src/sbc/topology.ts'

const ours = 'sbc.edge.test'
const cross = (...values: readonly string[]): readonly string[] =>
  crossing(new Headers(values.map((value) => ({ name: 'Diversion', value }))), ours).map((f) => f.value)

/** What must not be seen outside. */
const inside = ['pbx.inside.test', '127.0.10.10', '[2001:db8::7]']

describe('topology hiding', () => {
  it('lets a diversion cross with number, name, reason and what says nothing of where we are (RFC 5806)', () => {
    const value =
      '"Doe, Jane" <sip:1001@pbx.inside.test:5060>;reason=no-answer;counter=2;limit=9;privacy=off;screen=yes'
    const crossed = '"Doe, Jane" <sip:1001@sbc.edge.test>;reason=no-answer;counter=2;limit=9;privacy=off;screen=yes'
    expect(cross(value)).to.deep.equal([crossed])
  })

  it('keeps the order of several, and lets nothing else cross', () => {
    const headers = new Headers([
      { name: 'Via', value: 'SIP/2.0/TCP pbx.inside.test' },
      { name: 'Diversion', value: '<sip:1003@pbx.inside.test>;reason=user-busy, <sip:1001@pbx.inside.test>' },
      { name: 'P-Asserted-Identity', value: '<sip:1@pbx.inside.test>' },
      { name: 'Diversion', value: '<tel:+4533120100>;reason=deflection' },
      { name: 'User-Agent', value: 'pbx.inside.test' },
    ])
    expect(crossing(headers, ours)).to.deep.equal([
      { name: 'Diversion', value: '<sip:1003@sbc.edge.test>;reason=user-busy' },
      { name: 'Diversion', value: '<sip:1001@sbc.edge.test>;reason=unknown' },
      { name: 'Diversion', value: '<sip:+4533120100@sbc.edge.test>;reason=deflection' },
    ])
  })

  it('lets no session timer cross: each side has its own (RFC 4028)', () => {
    const timers = { 'Session-Expires': '600;refresher=uac', 'Min-SE': '300', Supported: 'timer', Require: 'timer' }
    const headers = new Headers(Object.entries(timers).map(([name, value]) => ({ name, value })))
    expect(crossing(headers, ours)).to.deep.equal([])
  })

  it('lets a caller cross with number and name, without tag and parameters', () => {
    const value = '"Carl Jensen" <sip:+4533120100@127.0.10.10:5062;user=phone;x=pbx.inside.test>;tag=pbx.inside.test'
    expect(crossingParty(value, ours)).to.equal('"Carl Jensen" <sip:+4533120100@sbc.edge.test>')
    expect(crossingParty('sip:anna.berg@pbx.inside.test;tag=1', ours)).to.equal('<sip:anna.berg@sbc.edge.test>')
  })

  it('leaves out where a number is local to (RFC 3966 §5.1.5)', () => {
    const value = '<sip:1001;phone-context=site.inside.test@127.0.10.10;user=phone>'
    expect(crossingParty(value, ours)).to.equal('<sip:1001@sbc.edge.test>')
  })

  it('makes nobody of a caller that cannot be read or has no user', () => {
    for (const value of [undefined, '', 'nonsense', '<sip:127.0.10.10>', '"x <sip:1@y>']) {
      expect(crossingParty(value, ours), value).to.equal('<sip:anonymous@sbc.edge.test>')
    }
    expect(rehost('mailto:a@pbx.inside.test', ours)).to.equal('sip:anonymous@sbc.edge.test')
  })

  for (const host of inside) {
    const bare = host.replace(/[[\]]/g, '')
    for (const [where, value] of [
      ['the host', `<sip:1001@${host}>;reason=no-answer`],
      ['the host with port and transport', `<sip:1001@${host}:5070;transport=tcp>`],
      ['a URI parameter', `<sip:1001@${host};maddr=${host};x=${bare}>`],
      ['a URI header', `<sip:1001@${host}?Route=${bare}>`],
      ['the password', `<sip:1001:${bare}@${host}>`],
      ['a parameter of the user (RFC 3261 §19.1.6)', `<sip:1001;phone-context=${bare}@${host};user=phone>`],
      ['the user itself', `<sip:${bare}@${host}>`],
      ['an escaped @ in the user', `<sip:1001%40${bare}@${host}>`],
      ['the display name', `"at ${bare}" <sip:1001@${host}>`],
      ['a URI in the display name', `"sip:1001@${host}" <sip:1001@${host}>`],
      ['the reason', `<sip:1001@${host}>;reason="${bare}"`],
      ['an unknown parameter', `<sip:1001@${host}>;reason=no-answer;x-node="${bare}"`],
      ['the name of a parameter', `<sip:1001@${host}>;${bare.replaceAll(':', '-')}=1`],
      ['a known parameter', `<sip:1001@${host}>;counter="${bare}";privacy="${bare}";screen="${bare}";limit="${bare}"`],
    ] as const) {
      it(`hides ${bare} in ${where}`, () => {
        for (const crossed of [...cross(value), crossingParty(value, ours)]) {
          expect(crossed).not.to.include(bare).and.not.to.include(bare.replaceAll(':', '-'))
          expect(parseNameAddr(crossed)?.uri).to.match(/^sip:[^@]+@sbc\.edge\.test$/)
        }
      })
    }
  }

  it('hides an address with digits on both sides of it', () => {
    expect(crossingParty('sip:127.0.10.10127.0.10.10@127.0.10.10', ours)).not.to.include('127.0.10.10')
  })

  it('hides the inside whatever is written around it', () => {
    const piece = fc.constantFrom(
      '127.0.10.10',
      'sip:',
      '@',
      ';',
      '<',
      '>',
      '"',
      '1001',
      'reason=',
      'counter=',
      '%40',
      ',',
      ' ',
      '\\',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const value = pieces.join('')
        for (const crossed of [...cross(value), crossingParty(value, ours)])
          expect(crossed).not.to.include('127.0.10.10')
      }),
      { numRuns: 20_000 },
    )
  })

  it('writes what can be read again', () => {
    const [value = ''] = cross('"A \\"quoted\\" name" <sip:10%2001@x.test>;reason=Follow-Me')
    const [read] = readDiversions(new Headers([{ name: 'Diversion', value }]))
    expect(read).to.deep.include({ display: 'A "quoted" name', reason: 'follow-me', uri: 'sip:10%2001@sbc.edge.test' })
  })
})
