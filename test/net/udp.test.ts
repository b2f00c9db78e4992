import { expect } from 'chai'
import type { Address } from '../../src/kernel/address.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import { anyPort, rejection, Wire } from './lab.ts'

describe('UDP on real sockets', () => {
  let wire: Wire
  const deaf = () => undefined
  /** A socket, and what came to it as `text from port`. */
  const bind = async (at: Address = anyPort) => {
    const inbox: string[] = []
    let tell: () => void = deaf
    const socket = await wire.network.bind(at, (bytes, from) => {
      inbox.push(`${Buffer.from(bytes).toString()} from ${from.port}`)
      tell()
    })
    const received = async (count: number): Promise<string[]> => {
      while (inbox.length < count) await new Promise<void>((resolve) => (tell = resolve))
      return inbox
    }
    return { ...wire.toClose(socket), received }
  }

  beforeEach(() => {
    wire = new Wire({ resolver: hostsResolver({ 'pbx.example': '127.0.0.1' }) })
  })
  afterEach(() => wire.close())

  for (const host of ['127.0.0.1', '::1']) {
    it(`carries datagrams in order on ${host}, and shows them to the tap`, async () => {
      const [a, b] = [await bind({ host, port: 0 }), await bind({ host, port: 0 })]
      for (const text of ['one', 'two', 'three']) a.send(Buffer.from(text), b.local)
      expect(await b.received(3)).to.deep.equal(['one', 'two', 'three'].map((text) => `${text} from ${a.local.port}`))
      expect(b.local.host).to.equal(host)
      const out = wire.taps.filter(({ direction }) => direction === 'out')
      expect(out[0]).to.deep.include({ transport: 'udp', local: a.local, remote: b.local })
      expect(wire.taps).to.have.length(6)
    })
  }

  it('sends to names that its resolver knows, and tells of others', async () => {
    const [a, b] = [await bind(), await bind()]
    a.send(Buffer.from('known'), { host: 'pbx.example', port: b.local.port })
    a.send(Buffer.from('unknown'), { host: 'nobody.example', port: b.local.port })
    expect(await b.received(1)).to.deep.equal([`known from ${a.local.port}`])
    expect(await wire.event('net.error')).to.deep.include({ transport: 'udp', code: 'ENOTFOUND' })
  })

  it('makes an event of what cannot be sent, and sends on', async () => {
    const [a, b] = [await bind(), await bind()]
    a.send(new Uint8Array(70_000), b.local)
    a.send(Buffer.from('x'), { host: '127.0.0.1', port: 0 })
    a.send(Buffer.from('good'), b.local)
    expect(await b.received(1)).to.deep.equal([`good from ${a.local.port}`])
    const codes = () => wire.events.map((event) => ('code' in event ? event.code : undefined))
    expect(codes()).to.have.members(['EMSGSIZE', 'ERR_SOCKET_BAD_PORT'])
  })

  it('makes an event of a receiver that throws', async () => {
    const b = wire.toClose(
      await wire.network.bind(anyPort, () => {
        throw new Error('cannot read that')
      }),
    )
    const a = await bind()
    a.send(Buffer.from('x'), b.local)
    expect(await wire.event('net.error')).to.deep.include({ text: 'cannot read that', remote: a.local })
  })

  it('says what to do when the address is in use or not ours', async () => {
    const { local } = await bind()
    const used = await rejection(bind(local))
    expect(used).to.deep.include({ code: 'network-listen' })
    expect(used.message).to.equal(`address already in use: listen for udp on 127.0.0.1:${local.port}`)
    expect(used).to.have.property('next').that.is.a('string')
    expect((await rejection(bind({ host: '192.0.2.1', port: 0 }))).message).to.match(/^not an address of this machine/)
  })

  it('closes once, frees its port and drops what is sent after', async () => {
    const socket = await bind()
    await socket.close()
    await socket.close()
    socket.send(Buffer.from('late'), socket.local)
    expect((await bind(socket.local)).local).to.deep.equal(socket.local)
    expect(wire.events).to.have.length(0)
  })
})

describe('the resolver over a table of hosts', () => {
  const resolver = hostsResolver({ 'sbc.example': '127.0.20.1' })

  it('knows its names in any case, and nothing else', async () => {
    expect(await resolver.address('SBC.Example.')).to.equal('127.0.20.1')
    expect(await resolver.address('um.example')).to.equal(undefined)
    expect(await resolver.address('constructor')).to.equal(undefined)
  })

  it('answers an IP address with itself', async () => {
    expect(await resolver.address('192.0.2.7')).to.equal('192.0.2.7')
    expect(await resolver.address('2001:db8::1')).to.equal('2001:db8::1')
  })
})
