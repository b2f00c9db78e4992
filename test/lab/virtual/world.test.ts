import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import type { Stream } from '../../../src/kernel/network.ts'
import { seededRandom, token } from '../../../src/kernel/random.ts'
import { inVirtualTime } from '../../../src/lab/virtual/time.ts'
import { virtualWorld } from '../../../src/lab/virtual/world.ts'
import type { Process, World } from '../../../src/lab/world.ts'
import { hostsResolver } from '../../../src/net/resolver.ts'
import type { WireTap } from '../../../src/net/tap.ts'
import { Ear, rejection } from '../../net/lab.ts'
import { passing, virtually } from '../../support/virtually.ts'

const at = { host: '127.0.20.30', port: 5061 }
const networkOf = (process: Process) => process.network(() => undefined, hostsResolver({}))
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString()

/** For worlds that a test makes for itself. */
const inTime = (body: (clock: ManualClock) => Promise<void>) => (): Promise<void> => {
  const clock = new ManualClock()
  return inVirtualTime({ clock, random: seededRandom('world') }, () => body(clock))
}

describe('a virtual world', () => {
  it('draws all chance from its seed, each process from a source of its own', () => {
    const tokens = (seed: string): string[] => {
      const world = virtualWorld({ clock: new ManualClock(), seed })
      const processes = [
        world,
        world.process('sbc', at.host),
        world.process('pbx', at.host),
        world.process('sbc', at.host),
      ]
      return processes.map(({ random }) => token(random))
    }
    expect(tokens('one')).to.deep.equal(tokens('one'))
    expect(new Set([...tokens('one'), ...tokens('two')]).size).to.equal(8)
  })

  it('makes no keys', async () => {
    const { keys } = virtualWorld({ clock: new ManualClock(), seed: 1 })
    expect(await rejection(keys(2048))).to.include({ code: 'lab-broken' })
  })

  it(
    'connects a process from its own host, and shows its tap what passes',
    inTime(async (clock) => {
      const taps: WireTap[] = []
      const world = virtualWorld({ clock, seed: 1, tap: (write) => taps.push(write) })
      const ear = new Ear()
      const listener = await networkOf(world.process('far', at.host)).listen(at, () => ear)
      const stream = await networkOf(world.process('near', '127.0.20.20')).connect({ to: at }, new Ear())
      stream.write(Buffer.from('INVITE'))
      await ear.heard('INVITE')
      expect(stream.local.host).to.equal('127.0.20.20')
      expect(taps.map(({ local, remote }) => [local.host, remote])).to.deep.equal([['127.0.20.20', at]])
      expect(world.open).to.equal(3)
      stream.end()
      await ear.end()
      await listener.close()
      await passing(clock, 10)
      expect(world.open).to.equal(0)
    }),
  )

  it(
    'treats what it carries as its links say',
    inTime(async (clock) => {
      const links = [{ from: '127.0.20.20', to: at.host, delayMs: 40 }]
      const world = virtualWorld({ clock, seed: 1, links })
      const heard: number[] = []
      const far = await networkOf(world.process('far', at.host)).bind(at, () => heard.push(clock.now()))
      const near = await networkOf(world.process('near', '127.0.20.20')).bind(
        { host: '127.0.20.20', port: 5060 },
        () => undefined,
      )
      near.send(Buffer.from('x'), at)
      await passing(clock, 100)
      expect(heard).to.deep.equal([40])
      await Promise.all([far.close(), near.close()])
    }),
  )

  it(
    'has disks that take their time when told so, and none otherwise',
    inTime(async (clock) => {
      const took = async (diskMs?: number): Promise<number> => {
        const world = virtualWorld({
          clock,
          seed: 1,
          ...(diskMs === undefined ? {} : { diskMs }),
        })
        const before = clock.now()
        await world.process('voicemail', at.host).store('spool').write('a', Buffer.from('x'))
        return clock.now() - before
      }
      expect(await took()).to.equal(0)
      expect(await took(50)).to.be.within(1, 100)
    }),
  )
})

describe('a process of a virtual world that is killed', () => {
  const near = { host: '127.0.20.20', port: 5060 }

  const pair = (world: World): { victim: Process; peer: Process } => ({
    victim: world.process('victim', at.host),
    peer: world.process('peer', near.host),
  })

  it(
    'leaves its ports free at once, and its peers see a reset',
    virtually(async (world) => {
      const { victim, peer } = pair(world)
      const own = new Ear()
      await networkOf(victim).bind(at, () => undefined)
      await networkOf(victim).listen(at, () => own)
      const ear = new Ear()
      await networkOf(peer).connect({ to: at }, ear)
      victim.kill?.(false)
      expect(victim.alive).to.equal(false)
      const heir = networkOf(world.process('victim', at.host))
      const [socket, listener] = [await heir.bind(at, () => undefined), await heir.listen(at, () => new Ear())]
      expect(await ear.end()).to.include({ code: 'ECONNRESET' })
      expect(own.over, 'the dead hear nothing').to.equal(false)
      await Promise.all([socket.close(), listener.close()])
    }),
  )

  it(
    'hears and sends nothing more, and comes to no connection',
    virtually(async (world) => {
      const { victim, peer } = pair(world)
      const log: string[] = []
      const network = networkOf(victim)
      const socket = await network.bind(at, () => log.push('the dead heard'))
      const other = await networkOf(peer).bind(near, () => log.push('the dead sent'))
      const listener = await networkOf(peer).listen(near, () => new Ear())
      const said = (what: string) => (): void => void log.push(what)
      network.connect({ to: near }, new Ear()).then(said('connected'), said('refused'))
      other.send(Buffer.from('in flight'), at)
      victim.kill?.(false)
      socket.send(Buffer.from('from beyond'), near)
      network.connect({ to: near }, new Ear()).then(said('connected'), said('refused'))
      await passing(world.clock, 20_000)
      expect(log).to.deep.equal([])
      await Promise.all([other.close(), listener.close()])
    }),
  )

  it(
    'has no timer that fires',
    virtually(async (world) => {
      const { victim, peer } = pair(world)
      const fired: string[] = []
      for (const [name, { clock }] of Object.entries({ victim, peer })) clock.after(100, () => fired.push(name))
      victim.clock.after(10, () => fired.push('before'))
      await passing(world.clock, 50)
      victim.kill?.(false)
      victim.clock.after(10, () => fired.push('asked for when dead'))
      await passing(world.clock, 100)
      expect(fired).to.deep.equal(['before', 'peer'])
    }),
  )

  it(
    'has no call of its stores that settles or has an effect',
    virtually(async (world) => {
      const { victim } = pair(world)
      const store = victim.store('spool')
      const file = await store.append('recording')
      const log: string[] = []
      const settled = (): void => void log.push('settled')
      store.write('begun', Buffer.from('x')).then(settled, settled)
      victim.kill?.(false)
      file.write(Buffer.from('late')).then(settled, settled)
      store.read('recording').then(settled, settled)
      victim.store('spool').write('late', Buffer.from('x')).then(settled, settled)
      victim.store('opened when dead').write('late', Buffer.from('x')).then(settled, settled)
      await passing(world.clock, 100)
      expect(log).to.deep.equal([])
      const heir = world.process('victim', at.host)
      expect(await heir.store('spool').list('')).to.deep.equal(['recording'])
      expect(await heir.store('opened when dead').list('')).to.deep.equal([])
    }),
  )

  for (const [power, kept] of [
    [false, 'synced lost with power'],
    [true, 'synced'],
  ] as const) {
    it(
      `${power ? 'with its power' : 'alone'} leaves its disks to the next of its name: ${kept}`,
      virtually(async (world) => {
        const { victim, peer } = pair(world)
        await peer.store('spool').write('other', Buffer.from('x'))
        const file = await victim.store('spool').append('recording')
        await file.write(Buffer.from('synced'))
        await file.sync()
        await file.write(Buffer.from(' lost with power'))
        victim.kill?.(power)
        const heir = world.process('victim', at.host)
        expect(text(await heir.store('spool').read('recording'))).to.equal(kept)
        expect(await heir.store('spool').list('')).to.deep.equal(['recording'])
        expect(await heir.store('another').list('')).to.deep.equal([])
        expect(await peer.store('spool').list('')).to.deep.equal(['other'])
      }),
    )
  }

  it(
    'takes neither other processes nor what they hold with it',
    virtually(async (world) => {
      const { victim, peer } = pair(world)
      const streams: Stream[] = []
      const listener = await networkOf(peer).listen(near, (stream) => {
        streams.push(stream)
        return new Ear()
      })
      const ear = new Ear()
      const bystander = world.process('bystander', '127.0.20.40')
      await networkOf(bystander).connect({ to: near }, ear)
      victim.kill?.(true)
      streams[0]?.write(Buffer.from('still here'))
      await ear.heard('still here')
      expect([peer.alive, bystander.alive]).to.deep.equal([true, true])
      await listener.close()
    }),
  )
})
