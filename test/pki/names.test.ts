import { expect } from 'chai'
import type { NameRules } from '../../src/kernel/tls.ts'
import { issue, type IssueOrder } from '../../src/pki/authority.ts'
import { judge } from '../../src/pki/judge.ts'
import { ders, now, type Office, openOffice } from './certificates.ts'

type Names = Pick<IssueOrder, 'subject'> & Partial<Pick<IssueOrder, 'dns' | 'uris' | 'ips'>>

describe('names in certificates', () => {
  let office: Office
  const proves = (rules: NameRules, { subject, dns = [], uris = [], ips = [] }: Names, name: string) => {
    const { chain } = issue(office.authority, { ...office.order, subject, dns, uris, ips })
    const anchors = [office.authority.certificate]
    return judge({ chain: ders(chain), anchors, at: now, usage: 'serverAuth', names: [name], rules })
  }

  before(async () => {
    office = await openOffice()
  })

  const table: readonly (readonly [rules: NameRules, title: string, names: Names, name: string, proved: boolean])[] = [
    ['rfc5922', '§7.1 takes a SIP URI', { subject: 'x', uris: ['sip:example.com'] }, 'example.com', true],
    [
      'rfc5922',
      '§7.1 takes a SIP URI with port and parameters',
      { subject: 'x', uris: ['sip:example.com:5061;transport=tls'] },
      'example.com',
      true,
    ],
    [
      'rfc5922',
      '§7.1 takes no SIP URI with a user',
      { subject: 'x', uris: ['sip:alice@example.com'] },
      'example.com',
      false,
    ],
    [
      'rfc5922',
      '§7.1 takes no URI of another scheme',
      { subject: 'x', uris: ['https://example.com'] },
      'example.com',
      false,
    ],
    ['rfc5922', '§7.1 takes a DNS name', { subject: 'x', dns: ['other.example', 'sbc.example'] }, 'sbc.example', true],
    [
      'rfc5922',
      '§7.1 takes no DNS name beside a SIP URI',
      { subject: 'x', dns: ['sbc.example'], uris: ['sip:example.com'] },
      'sbc.example',
      false,
    ],
    [
      'rfc5922',
      '§7.1 takes the common name where there is no subjectAltName',
      { subject: 'sbc.example' },
      'sbc.example',
      true,
    ],
    [
      'rfc5922',
      '§7.1 takes no common name beside a subjectAltName',
      { subject: 'sbc.example', ips: ['127.0.0.1'] },
      'sbc.example',
      false,
    ],
    ['rfc5922', '§7.2 takes no wildcard', { subject: 'x', dns: ['*.example.com'] }, 'sbc.example.com', false],
    ['rfc5922', '§7.2 takes names in any case', { subject: 'x', dns: ['SBC.Example'] }, 'sbc.example', true],
    ['rfc5922', '§7.2 takes no subdomain', { subject: 'x', uris: ['sip:example.com'] }, 'sbc.example.com', false],
    [
      'rfc6125',
      '§6.4.1 takes a DNS name in any case, with a final dot or none',
      { subject: 'x', dns: ['Mail.Example'] },
      'mail.example.',
      true,
    ],
    [
      'rfc6125',
      '§6.4.3 takes a wildcard for one label',
      { subject: 'x', dns: ['*.example.com'] },
      'mail.example.com',
      true,
    ],
    [
      'rfc6125',
      '§6.4.3 takes a wildcard for no two labels',
      { subject: 'x', dns: ['*.example.com'] },
      'a.mail.example.com',
      false,
    ],
    [
      'rfc6125',
      '§6.4.3 takes a wildcard for no label less',
      { subject: 'x', dns: ['*.example.com'] },
      'example.com',
      false,
    ],
    [
      'rfc6125',
      '§6.4.3 takes no wildcard inside a label',
      { subject: 'x', dns: ['m*.example.com'] },
      'mail.example.com',
      false,
    ],
    ['rfc6125', '§6.4.3 takes no wildcard right below the top', { subject: 'x', dns: ['*.com'] }, 'example.com', false],
    ['rfc6125', '§6.4.4 takes no common name', { subject: 'mail.example' }, 'mail.example', false],
    ['rfc6125', 'takes an IP address', { subject: 'x', ips: ['127.0.0.1'] }, '127.0.0.1', true],
    [
      'rfc6125',
      'takes an IPv6 address however it is written',
      { subject: 'x', ips: ['2001:db8::1'] },
      '2001:DB8:0::1',
      true,
    ],
    [
      'rfc6125',
      'takes no DNS name that looks like an address',
      { subject: 'x', dns: ['127.0.0.1'] },
      '127.0.0.1',
      false,
    ],
    ['rfc6125', 'takes no SIP URI', { subject: 'x', uris: ['sip:example.com'] }, 'example.com', false],
  ]
  for (const [rules, title, names, name, proved] of table) {
    it(`${rules} ${title}`, () => {
      expect(proves(rules, names, name).verdict).to.equal(proved ? 'trusted' : 'wrong-name')
    })
  }

  it('lists DNS and SIP-URI names, else the common name', () => {
    const both = { subject: 'x', dns: ['sbc.example'], uris: ['sip:example.com', 'https://example.com'] }
    expect(proves('rfc6125', both, 'y').names).to.deep.equal(['sbc.example', 'sip:example.com'])
    expect(proves('rfc6125', { subject: 'x' }, 'y').names).to.deep.equal(['x'])
  })
})
