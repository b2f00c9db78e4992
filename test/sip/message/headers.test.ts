import { expect } from 'chai'
import { canonical, Headers } from '../../../src/sip/message/headers.ts'

const headers = new Headers([
  { name: 'v', value: 'one' },
  { name: 'X-Own', value: '1' },
  { name: 'VIA', value: 'two' },
])
const lines = (of: Headers): string[] => [...of].map((f) => `${f.name}: ${f.value}`)

describe('header fields (RFC 3261 §7.3)', () => {
  it('are found by long name, compact form and any case', () => {
    expect(headers.get('Via')).to.equal('one')
    expect(headers.all('via')).to.deep.equal(['one', 'two'])
    expect(headers.get('x-own')).to.equal('1')
    expect(headers.has('V')).to.equal(true)
  })

  it('are missing when they are missing, names of JavaScript included', () => {
    expect(headers.get('To')).to.equal(undefined)
    expect(headers.all('To')).to.deep.equal([])
    expect(headers.has('constructor')).to.equal(false)
    expect(canonical('constructor')).to.equal('constructor')
  })

  it('know the compact forms (RFC 3261 §7.3.3, RFC 4028, RFC 6665)', () => {
    const names = 'ifmeclkstvxou'.split('').map(canonical)
    expect(names).to.include.members(['call-id', 'from', 'contact', 'session-expires', 'event', 'allow-events'])
    expect(names.filter((name) => name.length < 2)).to.deep.equal([])
  })

  it('are set where the first stood, with its name, in place of all', () => {
    expect(lines(headers.set('Via', 'new'))).to.deep.equal(['v: new', 'X-Own: 1'])
    expect(lines(headers.set('To', 'new'))).to.deep.equal([...lines(headers), 'To: new'])
  })

  it('are added at the end or the top, and taken away', () => {
    const to = { name: 'To', value: 'x' }
    expect(lines(headers.add(to)).at(-1)).to.equal('To: x')
    expect(lines(headers.prepend(to))[0]).to.equal('To: x')
    expect(lines(headers.without('Via'))).to.deep.equal(['X-Own: 1'])
  })

  it('never change in place', () => {
    const before = lines(headers)
    headers.set('Via', 'new').add({ name: 'a', value: 'b' }).without('v')
    expect(lines(headers)).to.deep.equal(before)
  })
})
