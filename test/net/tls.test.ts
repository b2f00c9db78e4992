import { once } from 'node:events'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { connect as connectTls, createServer, type Server, type TlsOptions } from 'node:tls'
import { expect } from 'chai'
import type { Address } from '../../src/kernel/address.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { TlsClient } from '../../src/kernel/tls.ts'
import { serverOptions } from '../../src/net/tls-options.ts'
import { day, openOffice } from '../pki/certificates.ts'
import { Ear, Papers, rejection, Wire } from './lab.ts'

/** A TLS 1.2 alert record (RFC 5246 §7.2): fatal, unknown_ca. */
const fatalUnknownAuthority = Uint8Array.of(21, 3, 3, 0, 2, 2, 48)

/** The first flight of Node's own client. */
async function clientHello(): Promise<Uint8Array> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connectTls({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', maxVersion: 'TLSv1.2' })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [hello] = (await once(socket, 'data')) as [Uint8Array]
  socket.destroy()
  server.close()
  return hello
}

describe('TLS on real sockets', () => {
  let papers: Papers
  let wire: Wire
  const call = async (to: Address, tls: TlsClient) => {
    const ear = new Ear()
    return { ear, stream: await wire.network.connect({ to, tls }, ear) }
  }
  /** A server of Node's own, closed with the test. */
  const foreign = async (options: TlsOptions): Promise<{ server: Server; at: Address }> => {
    const server = createServer(options)
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    wire.toClose({ close: () => new Promise((resolve) => server.close(() => resolve())) })
    return { server, at: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } }
  }

  before(async () => {
    papers = new Papers(await openOffice())
  })
  beforeEach(() => {
    wire = new Wire()
  })
  afterEach(() => wire.close())

  it('carries bytes both ways between two trusted ends, and tells each whom it talks to', async () => {
    const { local } = await wire.listen(papers.server({ peerNames: ['sbc.example'] }))
    const { ear, stream } = await call(local, papers.client())
    stream.write(Buffer.from('OPTIONS'))
    await ear.heard('200 OPTIONS')
    expect(stream.peer).to.deep.include({ verdict: 'trusted', subject: 'CN=sbc.example' })
    expect(wire.accepted[0]?.stream.peer).to.deep.include({ verdict: 'trusted', names: ['sbc.example'] })
    expect(wire.accepted[0]?.stream.remote).to.deep.equal(stream.local)
    stream.end()
    expect(await ear.end()).to.equal(undefined)
    expect(await wire.accepted[0]?.ear.end()).to.equal(undefined)
  })

  it('says with each judgement what the handshake settled', async () => {
    const { local } = await wire.listen(papers.server())
    const { stream } = await call(local, papers.client())
    const event = await wire.event('tls.accepted')
    expect(event).to.deep.include({ verdict: 'trusted', version: 'TLSv1.3' })
    expect(event.cipher).to.match(/^TLS_/)
    expect([event.local, event.remote]).to.deep.include(local)
    stream.destroy()
  })

  it('shows plaintext to the tap', async () => {
    const { local } = await wire.listen(papers.server())
    const { ear, stream } = await call(local, papers.client())
    stream.write(Buffer.from('INVITE'))
    await ear.heard('200 INVITE')
    const seen = wire.taps.map(
      ({ direction, transport, bytes }) => `${direction} ${transport} ${Buffer.from(bytes).toString()}`,
    )
    expect(seen).to.deep.equal(['out tls INVITE', 'in tls INVITE', 'out tls 200 INVITE', 'in tls 200 INVITE'])
    stream.destroy()
  })

  it('judges at the clock it was given, not at the real one', async () => {
    const { local } = await wire.listen(papers.server())
    wire.clock.advance(2 * day)
    const error = await rejection(call(local, papers.client()))
    expect(error).to.deep.include({ code: 'tls-refused' })
    expect(error).to.have.property('detail').that.deep.includes({ reason: 'certificate-expired' })
  })

  for (const [what, client, reason] of [
    ['an expired certificate', () => papers.client({ identity: papers.flawed('expired') }), 'certificate-expired'],
    [
      'an unknown authority',
      () => papers.client({ identity: papers.flawed('unknown-authority') }),
      'unknown-authority',
    ],
    ['a self-signed certificate', () => papers.client({ identity: papers.flawed('self-signed') }), 'self-signed'],
    ['the wrong usage', () => papers.client({ identity: papers.good({ usage: ['serverAuth'] }) }), 'wrong-usage'],
    ['no certificate', () => papers.anonymous(), 'certificate-missing'],
  ] as const) {
    it(`refuses a client with ${what} before a byte is handed up, and the client sees that it was refused`, async () => {
      const { local } = await wire.listen(papers.server())
      const seen = await call(local, client()).then(
        async ({ ear, stream }) => {
          stream.write(Buffer.from('INVITE'))
          return ear.end()
        },
        (error: unknown) => error,
      )
      expect(seen).to.deep.include({ code: 'tls-refused-by-peer' })
      expect(await wire.event('tls.refused')).to.deep.include({ side: 'server', verdict: 'refused', reason })
      expect(await wire.event('tls.refused-by-peer')).to.deep.include({ side: 'client' })
      expect(wire.accepted).to.have.length(0)
      expect(wire.taps.filter(({ direction }) => direction === 'in')).to.have.length(0)
    })
  }

  it("records OpenSSL's verdict beside ours", async () => {
    const { local } = await wire.listen(papers.server())
    const attempt = call(local, papers.client({ identity: papers.flawed('unknown-authority') }))
    expect((await wire.event('tls.refused')).openssl).to.be.a('string')
    await attempt.then(
      ({ ear }) => ear.end(),
      () => undefined,
    )
  })

  it('hands up a client with the wrong name, judged so', async () => {
    const { local } = await wire.listen(papers.server({ peerNames: ['um.example'] }))
    const { ear, stream } = await call(local, papers.client())
    stream.write(Buffer.from('INVITE'))
    await ear.heard('200 INVITE')
    expect(wire.accepted[0]?.stream.peer).to.deep.include({ verdict: 'wrong-name', reason: 'certificate-name' })
    expect(wire.events.filter(({ type }) => type === 'tls.accepted')).to.have.length(2)
    stream.destroy()
  })

  it('asks no certificate of clients where none is required', async () => {
    const { local } = await wire.listen(papers.server({ clientCertificate: 'none' }))
    const { ear, stream } = await call(local, papers.anonymous())
    stream.write(Buffer.from('EHLO'))
    await ear.heard('200 EHLO')
    expect(wire.accepted[0]?.stream.peer?.verdict).to.equal('anonymous')
    stream.destroy()
  })

  for (const flaw of ['wrong-name', 'expired', 'unknown-authority'] as const) {
    it(`refuses as a client a server whose certificate is flawed: ${flaw}`, async () => {
      const { local } = await wire.listen(papers.server({ identity: papers.flawed(flaw) }))
      const error = await rejection(call(local, papers.client()))
      expect(error).to.deep.include({ code: 'tls-refused' })
      expect(error.message).to.include('sbc.example')
      expect(await wire.event('tls.refused')).to.deep.include({ side: 'client' })
    })
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`sees as a client over ${version} that a server refused it by an alert`, async () => {
      const anchors = [papers.flawed('self-signed').chain]
      const options = { ...serverOptions(papers.server()), ca: anchors, rejectUnauthorized: true, maxVersion: version }
      const { at } = await foreign(options)
      const seen = await call(at, papers.anonymous()).then(
        ({ ear }) => ear.end(),
        (error: unknown) => error,
      )
      expect(seen).to.be.instanceOf(PosternError).and.to.deep.include({ code: 'tls-refused-by-peer' })
    })

    it(`sees as a client over ${version} that a server cut the line after the handshake`, async () => {
      const { server, at } = await foreign({ ...serverOptions(papers.server()), maxVersion: version })
      server.on('secureConnection', (socket) => socket.destroy())
      const seen = await call(at, papers.client()).then(
        ({ ear }) => ear.end(),
        (error: unknown) => error,
      )
      expect(seen).to.be.instanceOf(PosternError).and.to.deep.include({ code: 'tls-refused-by-peer' })
    })
  }

  it('takes an end after the first byte for a plain close', async () => {
    const { server, at } = await foreign(serverOptions(papers.server()))
    server.on('secureConnection', (socket) => socket.end('220 bye'))
    const { ear } = await call(at, papers.client())
    expect(await ear.end()).to.equal(undefined)
    expect(ear.text).to.equal('220 bye')
  })

  it('sends the server name, but no IP address', async () => {
    const { server, at } = await foreign(serverOptions(papers.server()))
    const names: unknown[] = []
    server.on('secureConnection', (socket) => {
      names.push((socket as typeof socket & { servername?: unknown }).servername)
      socket.end('x')
    })
    await (await call(at, papers.client())).ear.end()
    await (await call(at, papers.client({ serverName: '127.0.0.1', names: 'rfc6125' }))).ear.end()
    expect(names).to.deep.equal(['sbc.example', false])
  })

  it('ends a plaintext client on the TLS port, with one event', async () => {
    const { local } = await wire.listen(papers.server())
    const plain = connect(local.port, local.host)
    plain.on('error', () => undefined)
    plain.write('OPTIONS sip:um.example SIP/2.0\r\n\r\n')
    await once(plain, 'close')
    expect(await wire.event('tls.handshake-failed')).to.deep.include({ side: 'server' })
    expect(wire.events).to.have.length(1)
    expect(wire.accepted).to.have.length(0)
  })

  it('calls a server that speaks no TLS a failed connection', async () => {
    const { local } = await wire.listen()
    const error = await rejection(call(local, papers.client()))
    expect(error).to.deep.include({ code: 'network-connect' })
    expect(await wire.event('tls.handshake-failed')).to.deep.include({ side: 'client', remote: local })
  })

  it('ends a client that does not shake hands within ten seconds', async () => {
    const { local } = await wire.listen(papers.server())
    const silent = connect(local.port, local.host)
    await once(silent, 'connect')
    const closed = once(silent.resume(), 'close')
    const { stream } = await call(local, papers.client())
    wire.clock.advance(10_000)
    await closed
    expect((await wire.event('tls.handshake-failed')).text).to.include('10000 ms')
    stream.destroy()
  })

  it('gives up as a client on a server that does not shake hands', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const connected = once(server, 'connection') as Promise<[Socket]>
    const failed = rejection(call({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, papers.client()))
    const [socket] = await connected
    await once(socket, 'data')
    wire.clock.advance(10_000)
    expect(await failed).to.deep.include({ code: 'network-connect' })
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  it('says as a server that a client refused it by an alert', async () => {
    const { local } = await wire.listen(papers.server())
    const client = connect(local.port, local.host)
    client.write(await clientHello())
    await once(client, 'data')
    client.end(fatalUnknownAuthority)
    const event = await wire.event('tls.refused-by-peer')
    expect(event).to.deep.include({ side: 'server', local, code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' })
    expect(wire.accepted).to.have.length(0)
  })

  it('judges with the intermediates that came over the wire', async () => {
    const { local } = await wire.listen(papers.server({ identity: papers.behindIntermediate() }))
    const { ear, stream } = await call(local, papers.client({ identity: papers.behindIntermediate() }))
    stream.write(Buffer.from('INVITE'))
    await ear.heard('200 INVITE')
    expect([stream.peer?.verdict, wire.accepted[0]?.stream.peer?.verdict]).to.deep.equal(['trusted', 'trusted'])
    stream.destroy()
  })

  it('takes no TLS 1.1', async () => {
    const { local } = await wire.listen(papers.server())
    const old = connectTls({
      ...local,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
      rejectUnauthorized: false,
    })
    const [error] = (await once(old, 'error').catch((thrown: unknown) => [thrown])) as [Error]
    expect(error.message).to.match(/protocol version/i)
    await wire.event('tls.handshake-failed')
  })

  it('says what is wrong with an identity that cannot be used', async () => {
    const broken = { chain: 'no certificate', key: 'no key' }
    expect(await rejection(wire.listen(papers.server({ identity: broken })))).to.deep.include({
      code: 'network-listen',
    })
    const { local } = await wire.listen()
    expect(await rejection(call(local, papers.client({ identity: broken })))).to.deep.include({
      code: 'network-connect',
    })
  })
})
