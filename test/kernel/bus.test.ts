import { expect } from 'chai'
import { Bus, type Stamped } from '../../src/kernel/bus.ts'
import { ManualClock } from '../../src/kernel/clock.ts'

interface Happened {
  readonly type: 'one' | 'two' | 'three'
}

describe('Bus', () => {
  const make = (): { clock: ManualClock; bus: Bus<Happened>; log: string[]; write: (who: string) => () => void } => {
    const clock = new ManualClock()
    clock.advance(1000)
    const bus = new Bus<Happened>(clock)
    const log: string[] = []
    return { clock, bus, log, write: (who) => bus.subscribe((e) => log.push(`${who} ${e.seq} ${e.type}`)) }
  }

  it('stamps each event with its number, the ms since the bus was made, the date and the station', () => {
    const { clock, bus } = make()
    const seen: Stamped<Happened>[] = []
    bus.subscribe((event) => seen.push(event))
    clock.advance(20)
    bus.from('pbx')({ type: 'one' })
    clock.advance(5)
    bus.from('sbc')({ type: 'two' })
    expect(seen).to.deep.equal([
      { type: 'one', seq: 1, at: 20, wall: clock.wall() - 5, station: 'pbx' },
      { type: 'two', seq: 2, at: 25, wall: clock.wall(), station: 'sbc' },
    ])
  })

  it('calls consumers in the order in which they came, until they leave', () => {
    const { bus, log, write } = make()
    const leave = write('a')
    write('b')
    bus.from('x')({ type: 'one' })
    leave()
    bus.from('x')({ type: 'two' })
    expect(log).to.deep.equal(['a 1 one', 'b 1 one', 'b 2 two'])
  })

  it('calls nobody who has left in the same turn', () => {
    const { bus, log, write } = make()
    const leaving: { leave?: () => void } = {}
    bus.subscribe(() => leaving.leave?.())
    leaving.leave = write('b')
    bus.from('x')({ type: 'one' })
    expect(log).to.deep.equal([])
  })

  it('lets everyone see the events in one order, also those that a consumer publishes', () => {
    const { bus, log, write } = make()
    const emit = bus.from('x')
    bus.subscribe((e) => {
      if (e.type === 'one') emit({ type: 'two' })
    })
    write('b')
    emit({ type: 'one' })
    expect(log).to.deep.equal(['b 1 one', 'b 2 two'])
  })

  it('lets the others hear when one throws, tells the publisher, and goes on', () => {
    const { bus, log, write } = make()
    bus.subscribe((e) => {
      if (e.type === 'one') throw new Error('a consumer broke')
    })
    write('b')
    expect(() => bus.from('x')({ type: 'one' })).to.throw('a consumer broke')
    bus.from('x')({ type: 'two' })
    expect(log).to.deep.equal(['b 1 one', 'b 2 two'])
  })
})
