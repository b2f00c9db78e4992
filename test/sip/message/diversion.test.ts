import { expect } from 'chai'
import { formatDiversion, readDiversions } from '../../../src/sip/message/diversion.ts'
import { Headers } from '../../../src/sip/message/headers.ts'

const read = (...values: readonly string[]): ReturnType<typeof readDiversions> =>
  readDiversions(new Headers(values.map((value) => ({ name: 'Diversion', value }))))

describe('Diversion (RFC 5806 §9)', () => {
  it('reads who diverted, why, and the other parameters', () => {
    expect(read('"Doe, Jane"<sip:65514@x>;privacy=off;reason=no-answer;screen=yes')).to.deep.equal([
      {
        uri: 'sip:65514@x',
        display: 'Doe, Jane',
        reason: 'no-answer',
        params: new Map([
          ['privacy', 'off'],
          ['screen', 'yes'],
        ]),
      },
    ])
  })

  it('reads several, topmost first, from lists and from separate headers', () => {
    const all = read('<sip:c@x>;reason=user-busy, <sip:b@x>;reason=unconditional', '<tel:+15551>;reason=deflection')
    expect(all.map((d) => d.uri)).to.deep.equal(['sip:c@x', 'sip:b@x', 'tel:+15551'])
  })

  it('reads a quoted reason, one in capitals, and takes a missing one as unknown', () => {
    const all = read('<sip:a@x>;reason="follow-me", <sip:a@x>;reason=No-Answer, <sip:a@x>;counter=1')
    expect(all.map((d) => d.reason)).to.deep.equal(['follow-me', 'no-answer', 'unknown'])
  })

  it('leaves out what is malformed', () => {
    expect(read('nonsense', '"open <sip:a@x>', '<sip:b@x>')).to.have.length(1)
    expect(readDiversions(new Headers())).to.deep.equal([])
  })

  it('writes a diversion with its reason first', () => {
    const written = '"Doe, Jane" <sip:1001@pbx.example.com>;reason=no-answer;counter=1;privacy=off'
    expect(read(written).map(formatDiversion)).to.deep.equal([written])
  })
})
