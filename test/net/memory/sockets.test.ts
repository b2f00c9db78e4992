import { once } from 'node:events'
import { expect } from 'chai'
import type { Clock } from '../../../src/kernel/clock.ts'
import { seededRandom } from '../../../src/kernel/random.ts'
import { Lifeline } from '../../../src/net/memory/lifeline.ts'
import { createLink } from '../../../src/net/memory/link.ts'
import { wireSockets } from '../../../src/net/memory/sockets.ts'
import { Wire } from '../../../src/net/memory/wire.ts'
import { WireSocket } from '../../../src/net/memory/wire-socket.ts'
import type { StreamServer } from '../../../src/net/sockets.ts'
import type { WireTap } from '../../../src/net/tap.ts'
import { passing, virtually } from '../../support/virtually.ts'

const home = '127.0.10.10'
const at = { host: '127.0.10.20', port: 5060 }

/** The sockets of two processes on one wire, and what it showed. */
class Hosts {
  readonly lives = { client: new Lifeline(), server: new Lifeline() }
  readonly tapped: WireTap[] = []
  readonly wire: Wire
  readonly client
  readonly server

  readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
    this.wire = new Wire({ clock, link: createLink(seededRandom('sockets')), tap: (write) => this.tapped.push(write) })
    this.client = wireSockets(this.wire, this.lives.client, home)
    this.server = wireSockets(this.wire, this.lives.server, at.host)
  }

  async serve(): Promise<StreamServer> {
    const server = this.server.serve()
    server.listen(at)
    await once(server, 'listening')
    return server
  }

  /** Both ends of one connection. */
  async pair(): Promise<{ near: WireSocket; far: WireSocket; server: StreamServer }> {
    const server = await this.serve()
    const near = wireSocket(this.client.connect(at))
    const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [[WireSocket], unknown]
    return { near, far, server }
  }
}

const hosted = (body: (hosts: Hosts) => Promise<void>): (() => Promise<void>) =>
  virtually(({ clock }) => body(new Hosts(clock)))

const wireSocket = (socket: unknown): WireSocket => {
  if (socket instanceof WireSocket) return socket
  throw new Error('expected a socket in memory')
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString()

describe('a socket in memory', () => {
  it(
    'connects after a round trip, knows both addresses, and carries bytes both ways to an end',
    hosted(async (hosts) => {
      const { near, far, server } = await hosts.pair()
      expect(hosts.clock.now()).to.equal(2)
      expect([near.localAddress, near.remoteAddress, near.remotePort]).to.deep.equal([home, at.host, at.port])
      expect([far.localAddress, far.localPort, far.remotePort]).to.deep.equal([at.host, at.port, near.localPort])
      far.on('data', (bytes) => far.end(`200 ${String(bytes)}`))
      near.write('OPTIONS')
      expect(textOf((await near.toArray()) as Buffer[])).to.equal('200 OPTIONS')
      expect([near.bytesWritten, far.bytesWritten]).to.deep.equal([7, 11])
      server.close()
      await once(server, 'close')
    }),
  )

  it(
    'sends what was written, and the end, before it was connected',
    hosted(async (hosts) => {
      const server = await hosts.serve()
      const near = wireSocket(hosts.client.connect({ ...at, localAddress: '127.0.10.11' }))
      expect(near.readyState).to.equal('opening')
      near.end('early')
      const [far] = (await once(server, 'connection')) as [WireSocket]
      expect(textOf((await far.toArray()) as Buffer[])).to.equal('early')
      expect([far.remoteAddress, near.readyState]).to.deep.equal(['127.0.10.11', 'open'])
      server.close()
    }),
  )

  it(
    'looks a name up, and says when it is not known',
    hosted(async (hosts) => {
      const server = await hosts.serve()
      const found = hosts.client.connect({ ...at, host: 'sbc.test', lookup: (_n, _o, done) => done(null, at.host, 4) })
      await once(found, 'connect')
      found.destroy()
      const all = hosts.client.connect({
        ...at,
        host: 'sbc.test',
        lookup: (_n, _o, done) => done(null, [{ address: at.host, family: 4 }]),
      })
      await once(all, 'connect')
      all.destroy()
      const unknown = hosts.client.connect({
        ...at,
        host: 'x.test',
        lookup: (_n, _o, done) => done(new Error('who?'), ''),
      })
      const [error] = (await once(unknown, 'error')) as [Error]
      expect(error.message).to.equal('who?')
      server.close()
    }),
  )

  it(
    'that is destroyed before it is connected closes the connection when it comes',
    hosted(async (hosts) => {
      const server = await hosts.serve()
      const near = hosts.client.connect(at)
      near.destroy()
      const [far] = (await once(server, 'connection')) as [WireSocket]
      await once(far.resume(), 'close')
      server.close()
    }),
  )

  it(
    'says timeout when nothing passed for its time, and bytes of either way begin it anew',
    hosted(async (hosts) => {
      const { near, far, server } = await hosts.pair()
      const fired: number[] = []
      near.setTimeout(100, () => fired.push(hosts.clock.now()))
      await passing(hosts.clock, 68)
      near.write('a')
      await passing(hosts.clock, 80)
      far.write('b')
      near.resume()
      await passing(hosts.clock, 1000)
      expect(fired, 'touched at 70 and 151').to.deep.equal([251])
      near.setTimeout(100)
      near.setTimeout(0)
      await passing(hosts.clock, 1000)
      expect(fired).to.have.length(1)
      near.destroy()
      far.destroy()
      server.close()
    }),
  )

  it(
    'forgets its timeout when it is destroyed',
    hosted(async (hosts) => {
      const { near, far, server } = await hosts.pair()
      near.setTimeout(100, () => expect.fail('it was destroyed'))
      near.destroy()
      far.resume()
      await passing(hosts.clock, 1000)
      server.close()
    }),
  )

  for (const end of ['client', 'server'] as const) {
    it(
      `says nothing more at the ${end} whose process is dead, no timeout either`,
      hosted(async (hosts) => {
        const { near, far } = await hosts.pair()
        const [dead, other] = end === 'client' ? [near, far] : [far, near]
        const said: string[] = []
        for (const event of ['timeout', 'data', 'end', 'error', 'close']) dead.on(event, () => said.push(event))
        dead.setTimeout(100)
        other.on('error', () => undefined).write('x')
        hosts.lives[end].kill()
        await passing(hosts.clock, 1000)
        expect([said, other.destroyed]).to.deep.equal([[], true])
      }),
    )
  }

  it(
    'sends what was written before it is destroyed soon',
    hosted(async (hosts) => {
      const { near, far, server } = await hosts.pair()
      near.write('last')
      near.destroySoon()
      expect(textOf((await far.toArray()) as Buffer[])).to.equal('last')
      expect(near.destroyed).to.equal(true)
      server.close()
    }),
  )

  it(
    'fails with a reset when the process of the other end dies',
    hosted(async (hosts) => {
      const { near } = await hosts.pair()
      hosts.lives.server.kill()
      const [error] = (await once(near, 'error')) as [Error]
      expect(error).to.include({ code: 'ECONNRESET' })
    }),
  )

  it(
    'shows the tap what it writes, once',
    hosted(async (hosts) => {
      const { near, far, server } = await hosts.pair()
      near.end('INVITE')
      await far.toArray()
      const ends = { local: { host: home, port: near.localPort }, remote: at }
      expect(hosts.tapped).to.deep.equal([
        { direction: 'out', transport: 'tcp', ...ends, bytes: Buffer.from('INVITE') },
      ])
      server.close()
    }),
  )

  it(
    'shows the tap what went before TLS, and nothing of TLS itself, which is not the same twice',
    hosted(async (hosts) => {
      const { near, far, server } = await hosts.pair()
      near.write('STARTTLS')
      near.write(Buffer.of(0x16, 3, 1))
      near.end(Buffer.of(0x17, 3, 3))
      await far.toArray()
      expect(hosts.tapped.map(({ bytes }) => Buffer.from(bytes).toString())).to.deep.equal(['STARTTLS'])
      server.close()
    }),
  )
})

describe('a server in memory', () => {
  it(
    'has an address while it listens, and says when that is taken',
    hosted(async (hosts) => {
      const idle = hosts.server.serve()
      expect(idle.address()).to.equal(null)
      const server = await hosts.serve()
      expect(server.address()).to.deep.equal({ address: at.host, port: at.port, family: 'IPv4' })
      idle.listen(at)
      const [error] = (await once(idle, 'error')) as [Error]
      expect(error).to.include({ code: 'EADDRINUSE' })
      server.close()
      await once(server, 'close')
    }),
  )

  it(
    'takes no more once closed, and says close when its last connection is gone',
    hosted(async (hosts) => {
      const { near, far, server } = await hosts.pair()
      const log: string[] = []
      server.on('close', () => log.push(`closed at ${hosts.clock.now()}`))
      server.close()
      const refused = hosts.client.connect(at)
      refused.on('error', (error) => log.push(`refused: ${error.message}`))
      await passing(hosts.clock, 50)
      near.destroy()
      far.resume()
      await passing(hosts.clock, 50)
      expect(log).to.deep.equal(['refused: ECONNREFUSED', 'closed at 53'])
    }),
  )
})
