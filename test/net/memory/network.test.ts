import { expect } from 'chai'
import { PosternError } from '../../../src/kernel/errors.ts'
import type { Network, Stream, StreamHandlers } from '../../../src/kernel/network.ts'
import type { TlsClient, TlsServer } from '../../../src/kernel/tls.ts'
import type { NetEvent } from '../../../src/net/events.ts'
import { hostsResolver } from '../../../src/net/resolver.ts'
import type { CertificateFlaw, Certificates } from '../../../src/lab/certificates.ts'
import type { Process, World } from '../../../src/lab/world.ts'
import type { WireTap } from '../../../src/net/tap.ts'
import { Ear, rejection } from '../lab.ts'
import { passing, virtualCertificates, virtually } from '../../support/virtually.ts'

const sbc = { host: '127.0.20.20', port: 5061 }
const resolver = hostsResolver({ 'sbc.test': sbc.host })

/** One process of a world with its network, and what that said. */
class Host {
  readonly events: NetEvent[] = []
  readonly taps: WireTap[] = []
  readonly accepted: { stream: Stream; ear: Ear }[] = []
  readonly network: Network
  readonly process: Process

  constructor(world: World, name: string, host: string) {
    this.process = world.process(name, host)
    this.network = this.process.network(
      (event) => this.events.push(event),
      resolver,
      (write) => this.taps.push(write),
    )
  }

  /** Answers whatever it hears with `200 <text>`. */
  listen(tls?: TlsServer) {
    const accept = (stream: Stream): StreamHandlers => {
      const ear = new Ear()
      this.accepted.push({ stream, ear })
      return {
        data(bytes) {
          ear.data(bytes)
          stream.write(Buffer.concat([Buffer.from('200 '), bytes]))
        },
        closed: (error) => ear.closed(error),
      }
    }
    return this.network.listen(sbc, accept, tls)
  }

  async call(tls?: TlsClient): Promise<{ ear: Ear; stream: Stream }> {
    const ear = new Ear()
    return { ear, stream: await this.network.connect({ to: sbc, ...(tls === undefined ? {} : { tls }) }, ear) }
  }
}

interface Pair {
  readonly world: World
  readonly near: Host
  readonly far: Host
}

const paired = (body: (pair: Pair) => Promise<void>): (() => Promise<void>) =>
  virtually((world) =>
    body({ world, near: new Host(world, 'near', '127.0.10.10'), far: new Host(world, 'far', sbc.host) }),
  )

const said = ({ events }: Host): string[] =>
  events.map((event) => `${event.type} ${'side' in event ? event.side : event.text}`)

describe('the network in memory', () => {
  it(
    'carries datagrams by address and by name, and shows both ends to their taps',
    paired(async ({ world, near, far }) => {
      const heard: string[] = []
      const to = await far.network.bind(sbc, (bytes, from) => heard.push(`${String(bytes)} from ${from.host}`))
      const from = await near.network.bind({ host: '127.0.10.10', port: 0 }, () => undefined)
      from.send(Buffer.from('one'), sbc)
      from.send(Buffer.from('two'), { ...sbc, host: 'sbc.test' })
      await passing(world.clock, 10)
      expect(heard).to.deep.equal(['one from 127.0.10.10', 'two from 127.0.10.10'])
      expect(
        [near, far].map(({ taps }) => taps.map(({ direction, transport }) => `${direction} ${transport}`)),
      ).to.deep.equal([
        ['out udp', 'out udp'],
        ['in udp', 'in udp'],
      ])
      await Promise.all([from.close(), to.close()])
    }),
  )

  it(
    'makes an event of a datagram to an unknown name, and of a receiver that throws',
    paired(async ({ world, near, far }) => {
      const to = await far.network.bind({ host: sbc.host, port: 0 }, () => {
        throw new Error('no thanks')
      })
      const from = await near.network.bind({ host: '127.0.10.10', port: 0 }, () => undefined)
      from.send(Buffer.from('x'), { host: 'um.test', port: 5060 })
      from.send(Buffer.from('x'), to.local)
      await passing(world.clock, 10)
      expect(near.events).to.have.length(1)
      expect(near.events[0]).to.deep.include({ type: 'net.error', code: 'ENOTFOUND', local: from.local })
      expect(far.events).to.have.length(1)
      expect(far.events[0]).to.deep.include({
        type: 'net.error',
        text: 'no thanks',
        local: to.local,
        remote: from.local,
      })
      await Promise.all([from.close(), to.close()])
    }),
  )

  it(
    'says what to do when an address is in use',
    paired(async ({ near, far }) => {
      const socket = await far.network.bind(sbc, () => undefined)
      const listener = await far.listen()
      for (const again of [near.network.bind(sbc, () => undefined), near.listen()])
        expect((await rejection(again)).message).to.match(
          /^address already in use: listen for (?:udp|tcp) on 127.0.20.20:5061$/,
        )
      await Promise.all([socket.close(), listener.close()])
    }),
  )

  it(
    'carries a stream both ways after a round trip, and each end knows the other',
    paired(async ({ world, near, far }) => {
      const listener = await far.listen()
      const { ear, stream } = await near.call()
      expect(world.clock.now()).to.equal(2)
      stream.write(Buffer.from('OPTIONS'))
      await ear.heard('200 OPTIONS')
      expect([stream.local.host, stream.remote, world.clock.now()]).to.deep.equal(['127.0.10.10', sbc, 4])
      expect(far.accepted[0]?.stream.remote).to.deep.equal(stream.local)
      stream.end()
      expect([await ear.end(), await far.accepted[0]?.ear.end()]).to.deep.equal([undefined, undefined])
      await listener.close()
      expect([near.events, far.events]).to.deep.equal([[], []])
    }),
  )

  it(
    'refuses a stream where nobody listens, and gives up on one that never comes about',
    paired(async ({ near }) => {
      const refused = await rejection(near.call())
      expect(refused).to.deep.include({ code: 'network-connect' })
      expect(refused.message).to.equal('connection refused: connect by tcp to 127.0.20.20:5061')
      expect(refused).to.have.property('detail').that.includes({ code: 'ECONNREFUSED' })
      const hasty = near.network.connect({ to: sbc, timeoutMs: 1 }, new Ear())
      expect(await rejection(hasty))
        .to.have.property('detail')
        .that.includes({ code: 'ETIMEDOUT' })
    }),
  )

  it(
    'tells of a reset as an error, with one event',
    paired(async ({ near, far }) => {
      await far.listen()
      const { ear } = await near.call()
      far.process.kill?.(false)
      expect(await ear.end()).to.include({ code: 'ECONNRESET' })
      expect(near.events).to.have.length(1)
      expect(near.events[0]).to.deep.include({ type: 'net.error', transport: 'tcp', code: 'ECONNRESET' })
    }),
  )

  it(
    'takes its streams with it when a listener closes, and sends what was written',
    paired(async ({ near, far }) => {
      const listener = await far.listen()
      const { ear } = await near.call()
      far.accepted[0]?.stream.write(Buffer.from('BYE'))
      await listener.close()
      await ear.end()
      expect(ear.text).to.equal('BYE')
    }),
  )
})

describe('TLS in memory', () => {
  let certificates: Certificates
  const serverTls = async (flaw?: CertificateFlaw): Promise<TlsServer> => ({
    anchors: [certificates.anchor],
    names: 'rfc5922',
    identity: await certificates.identity('sbc.test', flaw),
    clientCertificate: 'required',
  })
  const clientTls = async (flaw?: CertificateFlaw): Promise<TlsClient> => ({
    anchors: [certificates.anchor],
    names: 'rfc5922',
    identity: await certificates.identity('pbx.test', flaw),
    serverName: 'sbc.test',
  })
  const anonymous = (): TlsClient => ({
    anchors: [certificates.anchor],
    names: 'rfc5922',
    serverName: 'sbc.test',
  })

  before(async function () {
    this.timeout(60_000)
    certificates = await virtualCertificates()
    for (const flaw of [undefined, 'expired', 'wrong-name'] as const) {
      await certificates.identity('sbc.test', flaw)
      await certificates.identity('pbx.test', flaw)
    }
  })

  it(
    'carries bytes between two trusted ends, and tells each whom it talks to',
    paired(async ({ near, far }) => {
      const listener = await far.listen(await serverTls())
      const { ear, stream } = await near.call(await clientTls())
      stream.write(Buffer.from('OPTIONS'))
      await ear.heard('200 OPTIONS')
      expect(stream.peer).to.deep.include({ verdict: 'trusted', subject: 'CN=sbc.test' })
      expect(far.accepted[0]?.stream.peer).to.deep.include({ verdict: 'trusted', subject: 'CN=pbx.test' })
      expect(near.events[0]).to.deep.include({ side: 'client', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' })
      expect([said(near), said(far)]).to.deep.equal([['tls.accepted client'], ['tls.accepted server']])
      const seen = [near, far].map(({ taps }) =>
        taps.map(({ direction, transport, bytes }) => `${direction} ${transport} ${String(bytes)}`),
      )
      expect(seen).to.deep.equal([
        ['out tls OPTIONS', 'in tls 200 OPTIONS'],
        ['in tls OPTIONS', 'out tls 200 OPTIONS'],
      ])
      stream.end()
      await ear.end()
      await listener.close()
    }),
  )

  for (const [what, tls, reason] of [
    ['an expired certificate', () => clientTls('expired'), 'certificate-expired'],
    ['no certificate', anonymous, 'certificate-missing'],
  ] as const) {
    it(
      `refuses a client with ${what} before a byte is handed up, and the client sees that it was refused`,
      paired(async ({ near, far }) => {
        const listener = await far.listen(await serverTls())
        const { ear, stream } = await near.call(await tls())
        stream.write(Buffer.from('INVITE'))
        expect(await ear.end())
          .to.be.instanceOf(PosternError)
          .and.to.deep.include({ code: 'tls-refused-by-peer' })
        expect(said(near)).to.deep.equal(['tls.accepted client', 'tls.refused-by-peer client'])
        expect(said(far)).to.deep.equal(['tls.refused server'])
        expect(far.events[0]).to.deep.include({ verdict: 'refused', reason })
        expect([far.accepted, far.taps]).to.deep.equal([[], []])
        await listener.close()
      }),
    )
  }

  for (const [flaw, reason] of [
    ['expired', 'certificate-expired'],
    ['wrong-name', 'certificate-name'],
  ] as const) {
    it(
      `refuses as a client a server whose certificate is flawed: ${flaw}`,
      paired(async ({ near, far }) => {
        const listener = await far.listen(await serverTls(flaw))
        const error = await rejection(near.call(await clientTls()))
        expect(error).to.deep.include({ code: 'tls-refused' })
        expect(error).to.have.property('detail').that.includes({ reason })
        expect(said(near)).to.deep.equal(['tls.refused client'])
        await listener.close()
      }),
    )
  }

  it(
    'asks no certificate of clients where none is required',
    paired(async ({ near, far }) => {
      const listener = await far.listen({ ...(await serverTls()), clientCertificate: 'none' })
      const { ear, stream } = await near.call(await clientTls())
      stream.write(Buffer.from('EHLO'))
      await ear.heard('200 EHLO')
      expect(far.accepted[0]?.stream.peer?.verdict).to.equal('anonymous')
      stream.destroy()
      await listener.close()
    }),
  )

  it(
    'ends a plaintext client on the TLS port, with one event',
    paired(async ({ near, far }) => {
      const listener = await far.listen(await serverTls())
      const { ear, stream } = await near.call()
      stream.write(Buffer.from('OPTIONS sip:um.test SIP/2.0\r\n\r\n'))
      await ear.end()
      expect(said(far)).to.deep.equal(['tls.handshake-failed server'])
      expect(far.accepted).to.deep.equal([])
      await listener.close()
    }),
  )

  it(
    'calls a server that speaks no TLS a failed connection',
    paired(async ({ near, far }) => {
      const listener = await far.listen()
      expect(await rejection(near.call(await clientTls()))).to.deep.include({ code: 'network-connect' })
      expect(said(near)).to.deep.equal(['tls.handshake-failed client'])
      await listener.close()
    }),
  )

  it(
    'ends a client that does not shake hands within ten seconds',
    paired(async ({ world, near, far }) => {
      const listener = await far.listen(await serverTls())
      const { ear } = await near.call()
      await ear.end()
      expect(world.clock.now()).to.be.within(10_001, 10_010)
      expect(said(far)).to.deep.equal(['tls.handshake-failed server'])
      expect(far.events[0]).to.have.property('text', 'no TLS handshake within 10000 ms')
      await listener.close()
    }),
  )

  it(
    'says as a server that a client closed before the handshake was done',
    paired(async ({ world, near, far }) => {
      const listener = await far.listen(await serverTls())
      const { stream } = await near.call()
      stream.end()
      await passing(world.clock, 100)
      expect(said(far)).to.deep.equal(['tls.handshake-failed server'])
      await listener.close()
    }),
  )

  it(
    'gives up as a client on a server that does not shake hands',
    paired(async ({ world, near, far }) => {
      const listener = await far.network.listen(sbc, () => new Ear())
      const error = await rejection(near.call(await clientTls()))
      expect(error).to.have.property('detail').that.includes({ code: 'ETIMEDOUT' })
      expect(world.clock.now()).to.equal(10_000)
      await listener.close()
    }),
  )

  it(
    'sees as a client that a server closed before the handshake was done',
    paired(async ({ near, far }) => {
      const listener = await far.network.listen(sbc, (stream) => {
        stream.end()
        return new Ear()
      })
      expect(await rejection(near.call(await clientTls()))).to.deep.include({ code: 'tls-refused-by-peer' })
      expect(said(near)).to.deep.equal(['tls.refused-by-peer client'])
      await listener.close()
    }),
  )

  it(
    'sees as a client that a server was cut off before the handshake was done',
    paired(async ({ world, near, far }) => {
      await far.listen(await serverTls())
      const failed = rejection(near.call(await clientTls()))
      world.clock.after(3, () => far.process.kill?.(true))
      expect(await failed).to.deep.include({ code: 'tls-refused-by-peer' })
      expect(far.events).to.deep.equal([])
      await passing(world.clock, 10_000)
    }),
  )
})
