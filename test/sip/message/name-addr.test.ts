import { expect } from 'chai'
import fc from 'fast-check'
import { Headers } from '../../../src/sip/message/headers.ts'
import { formatNameAddr, parseNameAddr, splitList, tagOf, withTag } from '../../../src/sip/message/name-addr.ts'
import { nameAddr } from './arbitrary.ts'

describe('name-addr (RFC 3261 §20.10, §20.20, §20.39)', () => {
  it('reads a quoted display name without its quotes and escapes', () => {
    expect(parseNameAddr('"A. G. \\"Bell\\" \\\\" <sip:agb@bell-telephone.com> ;tag=a48s')).to.deep.equal({
      display: 'A. G. "Bell" \\',
      uri: 'sip:agb@bell-telephone.com',
      params: new Map([['tag', 'a48s']]),
    })
  })

  it('reads a display name of tokens, none, and an empty one', () => {
    expect(parseNameAddr('Anonymous One <sip:c8oqz84zk7z@privacy.org>')?.display).to.equal('Anonymous One')
    expect(parseNameAddr('<sip:a@b>')).not.to.have.property('display')
    expect(parseNameAddr('"" <sip:a@b>')?.display).to.equal('')
  })

  it('reads brackets and semicolons in a display name as text', () => {
    expect(parseNameAddr('"<sip:x@y>;tag=0, z" <sip:a@b>;tag=1')).to.deep.equal({
      display: '<sip:x@y>;tag=0, z',
      uri: 'sip:a@b',
      params: new Map([['tag', '1']]),
    })
  })

  it('gives parameters inside the brackets to the URI, and without brackets to the header', () => {
    expect(parseNameAddr('<sip:a@b;transport=tcp>;tag=1')).to.deep.include({ uri: 'sip:a@b;transport=tcp' })
    expect(parseNameAddr('sip:a@b;tag=1')).to.deep.equal({ uri: 'sip:a@b', params: new Map([['tag', '1']]) })
  })

  it('reads parameter names in lower case, flags, and quoted values', () => {
    const params = parseNameAddr('<sip:a@b>;TAG=X;ob;+sip.instance="<urn:uuid:1>;\\"";tag=2')?.params
    expect([...(params ?? [])]).to.deep.equal([
      ['tag', 'X'],
      ['ob', undefined],
      ['+sip.instance', '<urn:uuid:1>;"'],
    ])
  })

  for (const value of [
    '',
    '*',
    'alice',
    '<>',
    '<alice>',
    '<sip:a@b',
    '"open <sip:a@b>',
    '"x" sip:a@b',
    '<sip:a b>',
    '<sip:a@b> x',
  ]) {
    it(`refuses ${value === '' ? 'nothing' : value}`, () => {
      expect(parseNameAddr(value)).to.equal(undefined)
    })
  }
  for (const value of [
    '<sip:a@b>;',
    '<sip:a@b>;;x',
    '<sip:a@b>;x="',
    '<sip:a@b>;=1',
    '<sip:a@b>;x=a b',
    'sip:a@b,sip:c@d',
  ]) {
    it(`refuses the parameters of ${value}`, () => {
      expect(parseNameAddr(value)).to.equal(undefined)
    })
  }

  it('is read as it was written', () => {
    fc.assert(
      fc.property(nameAddr, (n) => {
        expect(parseNameAddr(formatNameAddr(n))).to.deep.equal(n)
      }),
      { numRuns: 1000 },
    )
  })

  it('never throws', () => {
    const sloppy = fc.string({ unit: fc.constantFrom(...'sip:a@"\\<>;=, '.split('')), maxLength: 30 })
    fc.assert(
      fc.property(sloppy, (t) => {
        parseNameAddr(t)
        expect(withTag(t, 'x')).to.match(/;tag=x$/)
        expect(splitList(t)).not.to.include('')
      }),
      { numRuns: 3000 },
    )
  })
})

describe('comma lists (RFC 3261 §7.3.1)', () => {
  it('are cut outside quotes and brackets only', () => {
    expect(splitList('"Doe, \\"J" <sip:a@b,c>;x=1 ,<sip:d@e>,, f ')).to.deep.equal([
      '"Doe, \\"J" <sip:a@b,c>;x=1',
      '<sip:d@e>',
      'f',
    ])
  })

  it('have no elements when empty', () => {
    expect(splitList('')).to.deep.equal([])
  })
})

describe('tags', () => {
  it('are read from From and To, compact forms too', () => {
    const headers = new Headers([
      { name: 'f', value: '"tag=0" <sip:a@b;tag=9>;tag=1' },
      { name: 'To', value: '<sip:a@b>' },
    ])
    expect(tagOf(headers, 'From')).to.equal('1')
    expect(tagOf(headers, 'To')).to.equal(undefined)
    expect(tagOf(new Headers(), 'To')).to.equal(undefined)
  })

  it('are set, in place of one that stood, and nothing else changes', () => {
    expect(withTag('"Ä;tag=0" <sip:a@b;tag=9>;x="y;z"', '7')).to.equal('"Ä;tag=0" <sip:a@b;tag=9>;x="y;z";tag=7')
    expect(withTag('<sip:a@b> ; TAG = 1;x', '7')).to.equal('<sip:a@b>;x;tag=7')
    expect(withTag('sip:a@b', '7')).to.equal('sip:a@b;tag=7')
    expect(withTag('sip:a@b;tag=1', '7')).to.equal('sip:a@b;tag=7')
  })
})
