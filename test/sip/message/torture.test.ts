import { expect } from 'chai'
import { parseCSeq } from '../../../src/sip/message/cseq.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parseNameAddr, splitList, tagOf } from '../../../src/sip/message/name-addr.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { parseUri } from '../../../src/sip/message/uri.ts'
import { parseVia } from '../../../src/sip/message/via.ts'
import { message, options } from './lines.ts'

function read(bytes: Uint8Array): SipMessage {
  const result = parseMessage(bytes)
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`)
  return result.message
}

describe('valid messages of RFC 4475', () => {
  it('§3.1.1.1 a short tortuous INVITE', () => {
    const { headers, body } = read(
      message(
        [
          'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
          'TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
          'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8',
          'MaX-fOrWaRdS: 0068',
          'Call-ID: wsinv.ndaksdj@192.0.2.1',
          'Content-Length   : 3',
          'cseq: 0009\r\n  INVITE',
          'Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw',
          's :',
          'NewFangledHeader:   newfangled value\r\n continued newfangled value',
          'UnknownHeaderWithUnusualValue: ;;,,;;,;',
          'Content-Type: application/sdp',
          'v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239',
          'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33',
        ],
        'v=0',
      ),
    )
    expect(tagOf(headers, 'To')).to.equal('1918181833n')
    expect(parseNameAddr(headers.get('From') ?? '')).to.include({ display: 'J Rosenberg \\"' })
    expect(parseCSeq(headers.get('CSeq'))).to.deep.equal({ number: 9, method: 'INVITE' })
    const hops = headers.all('Via').flatMap(splitList).map(parseVia)
    expect(hops.map((via) => via?.params.get('branch'))).to.deep.equal(['390skdjuw', 'z9hG4bK9ikj8', 'z9hG4bK30239'])
    expect(hops.map((via) => via?.transport)).to.deep.equal(['UDP', 'TCP', 'UDP'])
    expect(headers.get('Subject')).to.equal('')
    expect(headers.get('UnknownHeaderWithUnusualValue')).to.equal(';;,,;;,;')
    const contact = parseNameAddr(headers.get('Contact') ?? '')
    expect(contact?.display).to.equal('Quoted string ""')
    expect([...(contact?.params ?? [])]).to.deep.equal([
      ['newparam', 'newvalue'],
      ['secondparam', undefined],
      ['q', '0.33'],
    ])
    expect(Buffer.from(body).toString()).to.equal('v=0')
  })

  it('§3.1.1.2 a wide range of valid characters', () => {
    const method = "!interesting-Method0123456789_*+`.%indeed'~"
    const user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    const m = read(
      options({
        start: `${method} sip:${user}:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0`,
        To: `"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7F" <sip:${user}@example.com>`,
        From: "token1~` token2'+_ token3*%!.- <sip:mundane@example.com> ;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
        'Call-ID': 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
        CSeq: `139122385 ${method}`,
      }),
    )
    expect(m).to.include({ method })
    expect(parseUri(m.type === 'request' ? m.uri : '')).to.include({ user, host: 'example.com' })
    expect(parseNameAddr(m.headers.get('To') ?? '')?.display).to.equal('BEL:\x07 NUL:\x00 DEL:\x7F')
    expect(parseNameAddr(m.headers.get('From') ?? '')?.params.get("fromparam''~+*_!.-%")).to.equal('работающий')
  })

  it('§3.1.1.3 escapes in the user part', () => {
    expect(parseUri('sip:sips%3Auser%40example.com@example.net')).to.include({
      user: 'sips:user@example.com',
      host: 'example.net',
    })
  })

  it('§3.1.1.4 escaped nulls in URIs', () => {
    expect(parseUri('sip:null-%00-null@example.com')?.user).to.equal('null-\0-null')
  })

  it('§3.1.1.5 a method with a % is no escape', () => {
    expect(read(options({ start: 'RE%47IST%45R sip:a@b SIP/2.0', CSeq: '1 RE%47IST%45R' }))).to.include({
      method: 'RE%47IST%45R',
    })
  })

  it('§3.1.1.6 no blank between display name and <', () => {
    expect(parseNameAddr('"caller"<sip:caller@example.com>;tag=323')).to.include({ display: 'caller' })
  })

  it('§3.1.1.7 and §3.1.1.8 long values, and bytes behind the message', () => {
    const name = 'I have a user name of extreme proportion'.repeat(20)
    const m = read(Buffer.concat([options({ To: `"${name}" <sip:user@example.com>` }), Buffer.from('REGISTER sip:x')]))
    expect(parseNameAddr(m.headers.get('To') ?? '')?.display).to.equal(name)
    expect(m.body).to.have.length(0)
  })

  it('§3.1.1.9 parameters in the user part', () => {
    expect(parseUri('sip:user;par=u%40example.net@example.com')).to.include({
      user: 'user;par=u@example.net',
      host: 'example.com',
    })
  })

  it('§3.1.1.10 varied and unknown transports', () => {
    const list =
      'SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw, SIP/2.0/SCTP t2.example.com, SIP/2.0/UNKNOWN t3.example.com'
    expect(splitList(list).map((hop) => parseVia(hop)?.transport)).to.deep.equal(['UDP', 'SCTP', 'UNKNOWN'])
  })

  it('§3.1.1.12 and §3.1.1.13 an unusual reason phrase and an empty one', () => {
    const fields = [
      'Via: SIP/2.0/UDP 192.0.2.198',
      'From: sip:a@b;tag=1',
      'To: sip:b@b',
      'Call-ID: x',
      'CSeq: 1 INVITE',
    ]
    const reason = '= 2**3 * 5**2 но сто девяносто девять - простое'
    expect(read(message([`SIP/2.0 200 ${reason}`, ...fields]))).to.include({ status: 200, reason })
    expect(read(message(['SIP/2.0 100 ', ...fields]))).to.include({ status: 100, reason: '' })
  })
})

describe('invalid messages of RFC 4475 are refused', () => {
  const cases: Record<string, Uint8Array> = {
    '§3.1.2.1 extraneous separators': options({
      Via: 'SIP/2.0/UDP 192.0.2.15;;,;,,',
      From: '"Bell" <sip:a@example.com> ;;tag=43',
    }),
    '§3.1.2.2 Content-Length larger than the message': options({ 'Content-Length': '9999' }, 'v=0'),
    '§3.1.2.3 a negative Content-Length': options({ 'Content-Length': '-999' }, 'v=0'),
    '§3.1.2.4 an overlarge CSeq': options({ CSeq: '36893488147419103232 OPTIONS' }),
    '§3.1.2.5 an overlarge CSeq in a response': message([
      'SIP/2.0 503 Service Unavailable',
      'Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw',
      'To: <sip:user@example.com>',
      'From: <sip:other@example.net>;tag=2easdjfejw',
      'Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r',
      'CSeq: 9292394834772304023312 OPTIONS',
    ]),
    '§3.1.2.19 an overlarge response code': message([
      'SIP/2.0 4294967301 better not break the receiver',
      'CSeq: 1 INVITE',
    ]),
    '§3.1.2.6 an unterminated quoted string': options({ To: '"Mr. J. User <sip:j.user@example.com>' }),
    '§3.1.2.7 a Request-URI in <>': options({ start: 'OPTIONS <sip:user@example.com> SIP/2.0' }),
    '§3.1.2.8 blanks in the Request-URI': options({ start: 'OPTIONS sip:user@example.com; lr SIP/2.0' }),
    '§3.1.2.9 several blanks in the request line': options({ start: 'OPTIONS  sip:user@example.com  SIP/2.0' }),
    '§3.1.2.10 a blank behind the request line': options({ start: 'OPTIONS sip:user@example.com SIP/2.0  ' }),
    '§3.1.2.13 a URI with headers outside <>': options({ From: 'sip:user@example.com?Route=%3Csip:example.com%3E' }),
    '§3.1.2.14 blanks within the URI': options({ To: '"Watson, Thomas" < sip:t. watson@example.org >' }),
    '§3.1.2.16 an unknown version': options({ start: 'OPTIONS sip:user@example.com SIP/7.0' }),
    '§3.1.2.17 CSeq of another method': options({ CSeq: '8 INVITE' }),
    '§3.1.2.18 CSeq of another method than an unknown one': options({ start: 'NEWMETHOD sip:a@b SIP/2.0' }),
    '§3.3.1 missing header fields': message(['INVITE sip:user@example.com SIP/2.0', 'CSeq: 193942 INVITE', 'l: 0']),
    '§3.3.8 several values where one may be': options({ 'Call-ID': 'a\r\nCall-ID: b' }),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    it(name, () => {
      expect(parseMessage(bytes).ok).to.equal(false)
    })
  }
})
