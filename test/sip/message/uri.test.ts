import { expect } from 'chai'
import fc from 'fast-check'
import { formatUri, parseUri, type SipUri } from '../../../src/sip/message/uri.ts'
import { host, text, token } from './arbitrary.ts'

const bare = { params: new Map() }

describe('SIP URI (RFC 3261 §19.1)', () => {
  const examples: Record<string, SipUri> = {
    'sip:alice@atlanta.com': { scheme: 'sip', user: 'alice', host: 'atlanta.com', ...bare },
    'sip:alice:secretword@atlanta.com;transport=tcp': {
      ...{ scheme: 'sip', user: 'alice', password: 'secretword', host: 'atlanta.com' },
      params: new Map([['transport', 'tcp']]),
    },
    'sips:alice@atlanta.com?subject=project%20x&priority=urgent': {
      ...{ scheme: 'sips', user: 'alice', host: 'atlanta.com', ...bare },
      headers: 'subject=project%20x&priority=urgent',
    },
    'sip:+1-212-555-1212:1234@gateway.com;user=phone': {
      ...{ scheme: 'sip', user: '+1-212-555-1212', password: '1234', host: 'gateway.com' },
      params: new Map([['user', 'phone']]),
    },
    'sip:alice@192.0.2.4:5070': { scheme: 'sip', user: 'alice', host: '192.0.2.4', port: 5070, ...bare },
    'sip:[2001:db8::10]:5060;lr': {
      ...{ scheme: 'sip', host: '2001:db8::10', port: 5060 },
      params: new Map([['lr', undefined]]),
    },
    'sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com': {
      ...{ scheme: 'sip', host: 'atlanta.com', params: new Map([['method', 'REGISTER']]) },
      headers: 'to=alice%40atlanta.com',
    },
    'tel:+1-201-555-0123;phone-context=example.com': {
      ...{ scheme: 'tel', user: '+1-201-555-0123', host: '', params: new Map([['phone-context', 'example.com']]) },
    },
  }
  for (const [written, uri] of Object.entries(examples)) {
    it(`reads and writes ${written}`, () => {
      expect(parseUri(written)).to.deep.equal(uri)
      expect(formatUri(uri)).to.equal(written)
    })
  }

  it('undoes escapes, and puts back those that are needed (RFC 4458 §2.1)', () => {
    const uri = parseUri('SIP:%61%23@vm.example.com;TARGET=sip:+15551002%40pbx.example.com;cause=408')
    expect(uri).to.include({ scheme: 'sip', user: 'a#' })
    expect(uri?.params.get('target')).to.equal('sip:+15551002@pbx.example.com')
    expect(formatUri(uri!)).to.equal('sip:a%23@vm.example.com;target=sip:+15551002%40pbx.example.com;cause=408')
  })

  it('leaves escapes that make no UTF-8 as they stand', () => {
    expect(parseUri('sip:a%C0b@h')?.user).to.equal('a%C0b')
    expect(formatUri({ scheme: 'sip', user: 'a%C0b', host: 'h', ...bare })).to.equal('sip:a%C0b@h')
  })

  it('takes the first of two parameters, whatever its case', () => {
    expect(parseUri('sip:h;Transport=tcp;transport=udp')?.params).to.deep.equal(new Map([['transport', 'tcp']]))
  })

  for (const written of [
    ...['', 'sip:', 'sip:@host', 'sip:a@', 'sip:a@b:x', 'sip:a@b:65536', 'sip:a@b c', 'sip:a@<b>', 'sip:a@[::1'],
    ...['sip:a@b\r\n', 'http://a.example.com', 'alice', 'tel:', 'tel:alice', ':a@b'],
  ]) {
    it(`refuses ${JSON.stringify(written)}`, () => {
      expect(parseUri(written)).to.equal(undefined)
    })
  }

  it('reads what it wrote', () => {
    const free = text.filter((t) => !/%[89a-f][0-9a-f]/i.test(t))
    const filled = free.filter((t) => t !== '')
    const params = fc.array(
      fc.tuple(
        token.map((t) => t.toLowerCase().replaceAll('%', '-')),
        fc.option(free, { nil: undefined }),
      ),
      { maxLength: 3 },
    )
    const uri = fc.record(
      {
        scheme: fc.constantFrom('sip', 'sips'),
        user: filled,
        host,
        port: fc.nat(65_535),
        params: params.map((p) => new Map(p)),
      },
      { requiredKeys: ['scheme', 'host', 'params'] },
    )
    fc.assert(
      fc.property(uri, (u) => {
        expect(parseUri(formatUri(u))).to.deep.equal(u)
      }),
      { numRuns: 1000 },
    )
  })

  it('never throws', () => {
    const sloppy = fc.string({ unit: fc.constantFrom(...'sip:tel:@%4zé;=?[]<>" \r\n'.split('')), maxLength: 30 })
    fc.assert(
      fc.property(
        fc.oneof(
          sloppy,
          sloppy.map((s) => `sip:${s}`),
          fc.string(),
        ),
        (t) => {
          const uri = parseUri(t)
          if (uri !== undefined) expect(formatUri(uri)).to.match(/^[!-~]+$/)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
