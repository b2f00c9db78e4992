import { expect } from 'chai'
import { formatAddress, parseAddress } from '../../src/kernel/address.ts'
import { PosternError } from '../../src/kernel/errors.ts'

describe('address', () => {
  for (const [text, host, port] of [
    ['127.0.0.1:5060', '127.0.0.1', 5060],
    ['sbc.edge.test:0', 'sbc.edge.test', 0],
    ['[::1]:65535', '::1', 65_535],
    ['[::ffff:10.0.0.1]:5061', '::ffff:10.0.0.1', 5061],
  ] as const) {
    it(`reads ${text} and writes it again`, () => {
      expect(parseAddress(text)).to.deep.equal({ host, port })
      expect(formatAddress({ host, port })).to.equal(text)
    })
  }

  for (const text of [
    '',
    'host',
    ':5060',
    'host:',
    'host:65536',
    'host:-1',
    'host:5060x',
    '::1:5060',
    '[::1]',
    '[host]:1',
    'a b:1',
  ]) {
    it(`refuses "${text}" and says what it expected`, () => {
      expect(() => parseAddress(text))
        .to.throw(PosternError, `"${text}" is not an address: expected host:port, as in 127.0.0.1:5060`)
        .with.property('code', 'address-invalid')
    })
  }
})
