import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect } from 'chai'
import type { Stream } from '../../src/kernel/network.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import { anyPort, Ear, rejection, Wire } from './lab.ts'

describe('TCP on real sockets', () => {
  let wire: Wire
  const call = async (to: { host: string; port: number }) => {
    const ear = new Ear()
    return { ear, stream: await wire.network.connect({ to }, ear) }
  }

  beforeEach(() => {
    wire = new Wire()
  })
  afterEach(() => wire.close())

  it('carries bytes both ways, and each end knows the other', async () => {
    const { local } = await wire.listen()
    const { ear, stream } = await call(local)
    stream.write(Buffer.from('OPTIONS'))
    await ear.heard('200 OPTIONS')
    expect(stream.remote).to.deep.equal(local)
    expect(wire.accepted[0]?.stream.remote).to.deep.equal(stream.local)
    expect(stream).not.to.have.property('peer')
    stream.end()
    expect([await ear.end(), await wire.accepted[0]?.ear.end()]).to.deep.equal([undefined, undefined])
  })

  it('sends what was written before the end', async () => {
    const { local } = await wire.listen()
    const { stream } = await call(local)
    const long = 'x'.repeat(1_000_000)
    stream.write(Buffer.from(long))
    stream.end()
    await (await wire.firstAccepted()).ear.heard(long)
  })

  it('connects from the host it is told to', async () => {
    const { local } = await wire.listen()
    const stream = await wire.network.connect({ to: local, from: '127.0.0.9' }, new Ear())
    expect(stream.local.host).to.equal('127.0.0.9')
    stream.destroy()
  })

  it('writes IPv4 as IPv4 on a listener for both', async () => {
    const { local } = await wire.listen(undefined, { host: '::', port: 0 })
    const { ear, stream } = await call({ host: '127.0.0.1', port: local.port })
    stream.write(Buffer.from('x'))
    await ear.heard('200 x')
    expect(wire.accepted[0]?.stream.remote.host).to.equal('127.0.0.1')
    stream.destroy()
  })

  it('finds hosts by its resolver, and says when it does not', async () => {
    wire = new Wire({ resolver: hostsResolver({ 'sbc.example': '127.0.0.1' }) })
    const { local } = await wire.listen()
    const { stream } = await call({ host: 'SBC.example', port: local.port })
    stream.destroy()
    const error = await rejection(call({ host: 'um.example', port: local.port }))
    expect(error).to.deep.include({ code: 'network-connect' })
    expect(error.message).to.equal(`unknown host name: connect by tcp to um.example:${local.port}`)
  })

  it('says what to do when nobody listens', async () => {
    const listener = await wire.listen()
    const { local } = listener
    await listener.close()
    const error = await rejection(call(local))
    expect(error).to.deep.include({ code: 'network-connect' })
    expect(error).to.have.property('next').that.includes('listens')
  })

  it('says what to do when the address is in use or not ours', async () => {
    const { local } = await wire.listen()
    const used = await rejection(wire.listen(undefined, local))
    expect(used).to.deep.include({ code: 'network-listen' })
    expect(used.message).to.equal(`address already in use: listen for tcp on 127.0.0.1:${local.port}`)
    expect((await rejection(wire.listen(undefined, { host: '192.0.2.1', port: 0 }))).message).to.match(
      /^not an address of/,
    )
  })

  it('gives up on a connect after its timeout', async () => {
    const connecting = wire.network.connect({ to: { host: '127.0.0.1', port: 9 }, timeoutMs: 100 }, new Ear())
    wire.clock.advance(100)
    expect((await rejection(connecting)).message).to.equal('no answer: connect by tcp to 127.0.0.1:9')
  })

  it('tells of a reset as an error, with one event', async () => {
    const { local } = await wire.listen()
    const other = connect(local.port, local.host)
    other.write('INVITE')
    await once(other, 'data')
    other.resetAndDestroy()
    expect(await wire.accepted[0]?.ear.end()).to.deep.include({ code: 'ECONNRESET' })
    expect(wire.events).to.have.length(1)
    expect(wire.events[0]).to.deep.include({ type: 'net.error', transport: 'tcp', code: 'ECONNRESET' })
  })

  it('lets writes after the end go by', async () => {
    const { local } = await wire.listen()
    const { ear, stream } = await call(local)
    stream.end()
    stream.write(Buffer.from('late'))
    await ear.end()
    stream.write(Buffer.from('later'))
    stream.destroy()
    expect(wire.events).to.have.length(0)
  })

  it('ends a stream whose other end does not read, with an event', async () => {
    const server = createServer((socket) => socket.pause()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { ear, stream } = await call({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
    const megabyte = new Uint8Array(1024 * 1024)
    for (let i = 0; i < 64 && !ear.over; i++) stream.write(megabyte)
    expect((await ear.end())?.message).to.include('does not read')
    expect(await wire.event('net.error')).to.deep.include({ transport: 'tcp' })
    server.close()
  })

  it('ends a stream whose other end does not close in return', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { ear, stream } = await call({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
    stream.end()
    wire.clock.advance(5000)
    expect(await ear.end()).to.equal(undefined)
    server.close()
  })

  it('lives on when a handler throws', async () => {
    const listener = wire.toClose(
      await wire.network.listen(anyPort, () => {
        throw new Error('no thanks')
      }),
    )
    const { ear } = await call(listener.local)
    await ear.end()
    expect(await wire.event('net.error')).to.deep.include({ text: 'no thanks' })
  })

  it('takes its streams with it when a listener closes, and sends what was written', async () => {
    const streams: Stream[] = []
    const listener = await wire.network.listen(anyPort, (stream) => {
      streams.push(stream)
      stream.write(Buffer.from('BYE'))
      return new Ear()
    })
    const { ear } = await call(listener.local)
    await ear.heard('BYE')
    streams[0]?.write(Buffer.from('last'))
    await listener.close()
    await ear.end()
    expect(ear.text).to.equal('BYElast')
    expect(await rejection(call(listener.local))).to.deep.include({ code: 'network-connect' })
  })

  it('leaves no socket and no timer behind', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|UDP|Pipe/.test(name)).length
    const before = sockets()
    const listener = await wire.listen()
    const { ear, stream } = await call(listener.local)
    stream.write(Buffer.from('x'))
    await ear.heard('200 x')
    await listener.close()
    await ear.end()
    expect(sockets()).to.equal(before)
    expect(wire.clock.pending).to.equal(0)
  })
})
