import { expect } from 'chai'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { fraction, seededRandom } from '../../../src/kernel/random.ts'
import { Lifeline } from '../../../src/net/memory/lifeline.ts'
import { createLink, type LinkRule } from '../../../src/net/memory/link.ts'
import { createPipe, type PipeEnd } from '../../../src/net/memory/pipe.ts'

const near = { host: '127.0.10.10', port: 40_000 }
const far = { host: '127.0.10.20', port: 5060 }
const delayed: readonly LinkRule[] = [{ from: near.host, to: '*', delayMs: 10 }]

/** A connection under a manual clock, and what its ends are told, with the time. */
class Connection {
  readonly clock = new ManualClock()
  readonly lives = { near: new Lifeline(), far: new Lifeline() }
  readonly near: PipeEnd
  readonly far: PipeEnd
  readonly log: string[] = []

  constructor(rules: readonly LinkRule[] = delayed) {
    const order = { clock: this.clock, link: createLink(seededRandom('pipe'), rules) }
    const ends = createPipe(order, { address: near, life: this.lives.near }, { address: far, life: this.lives.far })
    this.near = ends[0]
    this.far = ends[1]
    this.hear('near')
    this.hear('far')
  }

  hear(end: 'near' | 'far'): void {
    const say = (what: string): void => void this.log.push(`${this.clock.now()} ${end} ${what}`)
    this[end].handle({
      data: (bytes) => say(Buffer.from(bytes).toString()),
      ended: () => say('ended'),
      closed: (error) => say(error === undefined ? 'closed' : `closed: ${error.message}`),
    })
  }

  write(end: 'near' | 'far', text: string): void {
    this[end].write(Buffer.from(text))
  }

  get held(): number {
    return this.lives.near.holds + this.lives.far.holds
  }
}

describe('a connection in memory', () => {
  it('carries bytes both ways, each after the delay of its way, and its ends know one another', () => {
    const pipe = new Connection()
    pipe.write('near', 'INVITE')
    pipe.write('far', '100')
    pipe.clock.advance(100)
    expect(pipe.log).to.deep.equal(['1 near 100', '10 far INVITE'])
    expect([pipe.near.local, pipe.near.remote]).to.deep.equal([near, far])
    expect([pipe.far.local, pipe.far.remote]).to.deep.equal([far, near])
  })

  it('keeps what came before anybody listened, in order', () => {
    const pipe = new Connection()
    const order = { clock: pipe.clock, link: createLink(seededRandom('pipe')) }
    const [one, other] = createPipe(
      order,
      { address: near, life: pipe.lives.near },
      { address: far, life: pipe.lives.far },
    )
    const seen: string[] = []
    for (const text of ['a', 'b']) one.write(Buffer.from(text))
    one.end()
    pipe.clock.advance(10)
    other.handle({
      data: (bytes) => seen.push(Buffer.from(bytes).toString()),
      ended: () => seen.push('ended'),
      closed: () => seen.push('closed'),
    })
    expect(seen).to.deep.equal(['a', 'b', 'ended'])
  })

  it('keeps the order of its bytes under any jitter, also when they are sent at odd times', () => {
    const random = seededRandom('times')
    for (let round = 0; round < 200; round++) {
      const pipe = new Connection([{ from: '*', to: '*', delayMs: 3.1, jitterMs: 40 }])
      const count = 40
      for (let i = 0; i < count; i++) {
        pipe.clock.after(fraction(random) * 33.3, () => pipe.write('near', `${sent++}`))
      }
      let sent = 0
      pipe.clock.advance(1000)
      const heard = pipe.log.map((line) => line.split(' ').at(-1))
      expect(heard).to.deep.equal(Array.from({ length: count }, (_, i) => `${i}`))
    }
  })

  it('lets no byte overtake one that takes longer: it waits for that', () => {
    const [clock, delays, log] = [new ManualClock(), [40, 3], new Array<string>()]
    const link = { datagram: () => [], stream: () => delays.shift() ?? 0 }
    const ends = { near: { address: near, life: new Lifeline() }, far: { address: far, life: new Lifeline() } }
    const [one, other] = createPipe({ clock, link }, ends.near, ends.far)
    other.handle({
      data: (bytes) => log.push(`${clock.now()} ${Buffer.from(bytes).toString()}`),
      ended: () => undefined,
      closed: () => undefined,
    })
    for (const text of ['slow', 'fast']) one.write(Buffer.from(text))
    clock.advance(100)
    expect(log).to.deep.equal(['40 slow', '40 fast'])
  })

  it('ends one way first: the other end still sends, and both are closed once both have ended', () => {
    const pipe = new Connection()
    pipe.write('near', 'last')
    pipe.near.end()
    pipe.clock.advance(20)
    pipe.write('far', 'answer')
    pipe.far.end()
    pipe.clock.advance(20)
    expect(pipe.log).to.deep.equal([
      '10 far last',
      '10 far ended',
      '20 far closed',
      '21 near answer',
      '21 near ended',
      '21 near closed',
    ])
    expect(pipe.held).to.equal(0)
  })

  it('sends nothing after its end', () => {
    const pipe = new Connection()
    pipe.near.end()
    pipe.near.end()
    pipe.write('near', 'late')
    pipe.clock.advance(20)
    expect(pipe.log).to.deep.equal(['10 far ended'])
  })

  it('closes at once when it is destroyed, and the other end sees an end', () => {
    const pipe = new Connection()
    pipe.write('near', 'last')
    pipe.near.destroy()
    pipe.write('near', 'late')
    pipe.clock.advance(20)
    expect(pipe.log).to.deep.equal(['0 near closed', '10 far last', '10 far ended'])
    pipe.far.destroy()
    pipe.clock.advance(20)
    expect([pipe.log.at(-1), pipe.held]).to.deep.equal(['20 far closed', 0])
  })

  it('is cut by a reset', () => {
    const pipe = new Connection()
    pipe.near.destroy(true)
    pipe.clock.advance(20)
    expect(pipe.log).to.deep.equal(['0 near closed', '10 far closed: read ECONNRESET'])
    expect(pipe.held).to.equal(0)
  })

  it('says that it is closed once, whatever both ends do', () => {
    const pipe = new Connection()
    pipe.near.end()
    pipe.near.destroy()
    pipe.far.destroy(true)
    pipe.far.destroy()
    pipe.near.end()
    pipe.clock.advance(50)
    expect(pipe.log).to.deep.equal(['0 near closed', '0 far closed'])
  })

  it('is reset by the death of a process, which is told nothing more', () => {
    const pipe = new Connection()
    pipe.write('near', 'in flight')
    pipe.write('far', 'never read')
    pipe.lives.near.kill()
    pipe.write('near', 'from beyond')
    pipe.near.end()
    pipe.clock.advance(50)
    expect(pipe.log).to.deep.equal(['10 far in flight', '10 far closed: read ECONNRESET'])
    expect(pipe.held).to.equal(0)
  })

  it('tells a process that dies in the moment of its close nothing more, and the other end no reset', () => {
    const pipe = new Connection()
    pipe.near.destroy()
    pipe.lives.near.kill()
    pipe.clock.advance(50)
    expect(pipe.log).to.deep.equal(['10 far ended'])
  })
})
