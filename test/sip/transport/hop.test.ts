import { expect } from 'chai'
import { hopOf } from '../../../src/sip/transport/hop.ts'
import { localHostFor } from '../../../src/sip/transport/hosts.ts'

describe('the hop of a URI', () => {
  const hops = [
    ['sip:bob@10.0.0.1', { transport: 'udp', host: '10.0.0.1', port: 5060 }],
    ['sip:pbx.lab;transport=TCP', { transport: 'tcp', host: 'pbx.lab', port: 5060 }],
    ['sip:pbx.lab:7000;transport=tls', { transport: 'tls', host: 'pbx.lab', port: 7000 }],
    ['sips:pbx.lab', { transport: 'tls', host: 'pbx.lab', port: 5061 }],
    ['sip:[::1]:5080', { transport: 'udp', host: '::1', port: 5080 }],
  ] as const
  for (const [uri, hop] of hops)
    it(`${uri} is ${hop.transport} ${hop.host} ${hop.port}`, () => expect(hopOf(uri)).to.deep.equal(hop))

  for (const uri of ['tel:+4930', 'sip:x;transport=ws', 'mailto:a@b', '']) {
    it(`"${uri}" leads nowhere`, () => {
      expect(() => hopOf(uri))
        .to.throw()
        .with.property('code', 'address-invalid')
    })
  }
})

describe('the host to connect from', () => {
  it("is the listener's, so that a role keeps to its side", () => {
    expect(localHostFor('127.0.20.1', '127.0.20.2')).to.equal('127.0.20.2')
  })
  for (const [to, listener] of [
    ['127.0.0.1', '0.0.0.0'],
    ['10.0.0.1', '127.0.0.1'],
    ['::1', '127.0.0.1'],
    ['127.0.0.1', 'pbx.lab'],
    ['127.0.0.1', undefined],
  ] as const) {
    it(`is the system's choice toward ${to} with a listener at ${listener ?? 'nothing'}`, () => {
      expect(localHostFor(to, listener)).to.equal(undefined)
    })
  }
})
