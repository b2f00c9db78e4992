import { expect } from 'chai'
import { decide, type Extension } from '../../src/pbx/extension.ts'

const extension = (number: string, behaviour: Extension['behaviour']): Extension => ({
  number,
  behaviour,
  ringMs: 1000,
})
const extensions = [extension('1001', 'rings'), extension('1002', 'answers'), extension('1003', 'busy')]

describe('the dial plan', () => {
  it('rings 1001 and then diverts, lets 1002 answer, diverts from 1003 as busy (RFC 5806)', () => {
    const [rings, answers, busy] = extensions
    expect(decide('1001', extensions, '7000')).to.deep.equal({ do: 'ring-then-divert', extension: rings })
    expect(decide('1002', extensions, '7000')).to.deep.equal({ do: 'answer', extension: answers })
    expect(decide('1003', extensions, '7000')).to.deep.equal({ do: 'divert', extension: busy, reason: 'user-busy' })
  })

  it('sends a call to the pilot itself to the trunk', () => {
    expect(decide('7000', extensions, '7000')).to.deep.equal({ do: 'trunk' })
  })

  it('refuses every other number, one that begins like an extension too', () => {
    for (const number of ['', '9999', '10011', '100']) {
      const text = `no extension ${number}`
      expect(decide(number, extensions, '7000')).to.deep.equal({ do: 'refuse', status: 404, text })
    }
  })
})
