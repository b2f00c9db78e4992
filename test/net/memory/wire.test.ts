import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { codeOf } from '../../../src/net/context.ts'
import { seededRandom } from '../../../src/kernel/random.ts'
import { Lifeline } from '../../../src/net/memory/lifeline.ts'
import { createLink, type LinkRule } from '../../../src/net/memory/link.ts'
import { Wire } from '../../../src/net/memory/wire.ts'
import type { WireTap } from '../../../src/net/tap.ts'
import type { PipeEnd } from '../../../src/net/memory/pipe.ts'

const pbx = { host: '127.0.10.10', port: 5060 }
const sbc = { host: '127.0.10.20', port: 5060 }

interface Stage {
  readonly clock: ManualClock
  readonly wire: Wire
  readonly life: Lifeline
  readonly tapped: WireTap[]
}

function stage(...rules: readonly LinkRule[]): Stage {
  const clock = new ManualClock()
  const tapped: WireTap[] = []
  const wire = new Wire({ clock, link: createLink(seededRandom('wire'), rules), tap: (write) => tapped.push(write) })
  return { clock, wire, life: new Lifeline(), tapped }
}

/** What came in at the SBC, with its time. */
function received({ clock, wire, life }: Stage): string[] {
  const log: string[] = []
  wire.bind(
    sbc,
    (bytes, from) => log.push(`${clock.now()} ${Buffer.from(bytes).toString()} from ${from.host}:${from.port}`),
    life,
  )
  return log
}

/** The code of what a task throws. */
function failure(task: () => unknown): string | undefined {
  try {
    task()
    return undefined
  } catch (thrown) {
    return codeOf(thrown)
  }
}

/** Lets time pass together with the promises that wait for it. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  const end = clock.now() + ms
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  await settle()
  while ((clock.due ?? Infinity) <= end) {
    clock.step()
    await settle()
  }
  clock.advance(end - clock.now())
}

/** What becomes of a connection attempt, with the time. */
function attempt({ clock, wire, life }: Stage, log: string[], from = life): void {
  wire.connect(pbx.host, sbc, from).then(
    () => log.push(`${clock.now()} connected`),
    (error: unknown) => log.push(`${clock.now()} ${codeOf(error) ?? String(error)}`),
  )
}

describe('datagrams on a wire', () => {
  it('arrive after the delay of their path, from where they were sent', () => {
    const at = stage({ from: pbx.host, to: sbc.host, delayMs: 25 })
    const log = received(at)
    at.wire.bind(pbx, () => undefined, at.life).send(Buffer.from('INVITE'), sbc)
    at.clock.advance(100)
    expect(log).to.deep.equal(['25 INVITE from 127.0.10.10:5060'])
  })

  it('that are doubled arrive twice, those lost never', () => {
    const at = stage({ from: '127.0.10.10', to: '*', duplicate: 1 }, { from: '127.0.10.11', to: '*', loss: 1 })
    const log = received(at)
    at.wire.bind(pbx, () => undefined, at.life).send(Buffer.from('twice'), sbc)
    at.wire.bind({ host: '127.0.10.11', port: 5060 }, () => undefined, at.life).send(Buffer.from('never'), sbc)
    at.clock.advance(100)
    expect(log).to.deep.equal(Array(2).fill('1 twice from 127.0.10.10:5060'))
  })

  it('overtake one another under jitter and when they are held back', () => {
    for (const faults of [{ jitterMs: 20 }, { reorder: 0.2 }]) {
      const at = stage({ from: '*', to: '*', delayMs: 5, ...faults })
      const log = received(at)
      const socket = at.wire.bind(pbx, () => undefined, at.life)
      for (let i = 0; i < 50; i++) socket.send(Buffer.from(`${i + 100}`), sbc)
      at.clock.advance(100)
      const order = log.map((line) => line.split(' ')[1])
      expect(order).to.have.length(50)
      expect(order).not.to.deep.equal([...order].sort())
    }
  })

  it('to where nobody listens, or no longer when they arrive, are gone', () => {
    const at = stage()
    const socket = at.wire.bind(pbx, () => undefined, at.life)
    socket.send(Buffer.from('to nobody'), sbc)
    const log: string[] = []
    const brief = at.wire.bind(sbc, () => log.push('received'), at.life)
    socket.send(Buffer.from('too late'), sbc)
    void brief.close()
    at.clock.advance(100)
    expect(log).to.deep.equal([])
  })

  it('are not sent by a socket that is closed, nor by one whose process is dead', () => {
    const at = stage()
    const log = received(at)
    const dying = new Lifeline()
    const closed = at.wire.bind(pbx, () => undefined, at.life)
    const dead = at.wire.bind({ ...pbx, port: 5062 }, () => undefined, dying)
    void closed.close()
    dying.kill()
    for (const socket of [closed, dead]) socket.send(Buffer.from('x'), sbc)
    at.clock.advance(100)
    expect([log, at.tapped]).to.deep.equal([[], []])
  })

  it('are shown to the tap as they are sent, those lost too', () => {
    const at = stage({ from: '*', to: '*', loss: 1 })
    at.wire.bind(pbx, () => undefined, at.life).send(Buffer.from('INVITE'), sbc)
    expect(at.tapped).to.deep.equal([
      { direction: 'out', transport: 'udp', local: pbx, remote: sbc, bytes: Buffer.from('INVITE') },
    ])
  })
})

describe('ports on a wire', () => {
  const ways = {
    udp: ({ wire, life }: Stage, at = sbc) => wire.bind(at, () => undefined, life),
    tcp: ({ wire, life }: Stage, at = sbc) => wire.listen(at, { accept: () => undefined, life }),
  }
  for (const [transport, open] of Object.entries(ways)) {
    const inUse = transport === 'udp' ? 'network-listen' : 'EADDRINUSE'

    it(`of ${transport} are taken once, and free again when closed`, async () => {
      const at = stage()
      const first = open(at)
      expect(failure(() => open(at))).to.equal(inUse)
      await first.close()
      const second = open(at)
      await first.close()
      expect(
        failure(() => open(at)),
        'closing the first twice leaves the second',
      ).to.equal(inUse)
      await second.close()
      expect([at.wire.open, at.life.holds]).to.deep.equal([0, 0])
    })

    it(`of ${transport} are chosen free where none is named`, () => {
      const at = stage()
      const { port } = open(at, { host: sbc.host, port: 0 }).local
      for (let next = port + 1; next < port + 4; next++) open(at, { host: sbc.host, port: next })
      const chosen = open(at, { host: sbc.host, port: 0 }).local
      expect(port).to.be.above(1023)
      expect(chosen.port).to.be.above(port + 3)
    })

    it(`of ${transport} are free at once when their process dies, and not taken by a dead one`, () => {
      const at = stage()
      open(at)
      at.life.kill()
      open(at)
      expect([at.wire.open, at.life.holds]).to.deep.equal([0, 0])
      open({ ...at, life: new Lifeline() })
    })
  }

  it('are one for each transport and host', () => {
    const at = stage()
    ways.udp(at)
    ways.tcp(at)
    ways.udp(at, pbx)
    expect(at.wire.open).to.equal(3)
  })
})

describe('connections on a wire', () => {
  const slow = { from: '*', to: '*', delayMs: 10 }

  it('stand after a round trip, accepted on the way, each from a port of its own', async () => {
    const at = stage(slow)
    const accepted: PipeEnd[] = []
    at.wire.listen(sbc, { accept: (end) => accepted.push(end), life: at.life })
    const log: string[] = []
    attempt(at, log)
    attempt(at, log)
    await pass(at.clock, 50)
    expect(log).to.deep.equal(['20 connected', '20 connected'])
    expect(accepted.map(({ local, remote }) => [local, remote.host])).to.deep.equal(Array(2).fill([sbc, pbx.host]))
    expect(new Set(accepted.map(({ remote }) => remote.port)).size).to.equal(2)
  })

  it('are refused after a round trip where nobody listens', async () => {
    const at = stage(slow)
    const log: string[] = []
    attempt(at, log)
    await pass(at.clock, 50)
    expect(log).to.deep.equal(['20 ECONNREFUSED'])
  })

  for (const end of ['closed', 'killed'] as const) {
    it(`are refused where the listener is ${end} meanwhile, and never reach it`, async () => {
      const at = stage(slow)
      const far = new Lifeline()
      const log: string[] = []
      const listener = at.wire.listen(sbc, { accept: () => log.push('accepted'), life: far })
      attempt(at, log)
      at.clock.after(15, () => {
        if (end === 'killed') far.kill()
        else void listener.close()
      })
      await pass(at.clock, 50)
      expect(log).to.deep.equal(['20 ECONNREFUSED'])
      expect(far.holds + at.life.holds).to.equal(0)
    })
  }

  it('neither come about nor fail for a process that died meanwhile', async () => {
    const at = stage(slow)
    const near = new Lifeline()
    const log: string[] = []
    at.wire.listen(sbc, { accept: () => log.push('accepted'), life: at.life })
    attempt(at, log, near)
    at.clock.after(15, () => near.kill())
    await pass(at.clock, 50)
    expect([log, near.holds]).to.deep.equal([[], 0])
  })
})
