import { expect } from 'chai'
import fc from 'fast-check'
import { TimerQueue } from '../../src/kernel/timer-queue.ts'

/** Tasks, told apart by their name, in the order in which a queue gives them out. */
class Tasks {
  readonly queue = new TimerQueue()
  readonly ran: string[] = []
  readonly cancels = new Map<string, () => void>()

  add(name: string, at: number): void {
    this.cancels.set(
      name,
      this.queue.add(at, () => this.ran.push(name)),
    )
  }

  cancel(name: string): void {
    this.cancels.get(name)?.()
  }

  take(): void {
    if (this.queue.due !== undefined) this.queue.take()?.()
  }

  drain(): readonly string[] {
    while (this.queue.due !== undefined) this.take()
    return this.ran
  }
}

interface Waiting {
  readonly at: number
  readonly name: string
}

/** What the queue is held against: a list that is sorted again for each question. `sort` keeps the order of equals. */
class SortedList {
  #waiting: readonly Waiting[] = []
  readonly ran: string[] = []

  add(name: string, at: number): void {
    this.#waiting = [...this.#waiting, { at, name }].sort((a, b) => a.at - b.at)
  }

  cancel(name: string): void {
    this.#waiting = this.#waiting.filter((one) => one.name !== name)
  }

  get due(): number | undefined {
    return this.#waiting[0]?.at
  }

  take(): void {
    const [first, ...rest] = this.#waiting
    if (first !== undefined) this.ran.push(first.name)
    this.#waiting = rest
  }
}

/** Few different times, so that many are equal. */
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), number: fc.integer({ min: -3, max: 12 }) }),
  fc.record({ do: fc.constant('cancel' as const), number: fc.nat(60) }),
  fc.record({ do: fc.constant('take' as const), number: fc.constant(0) }),
)

describe('a queue of timers', () => {
  it('has nothing due and nothing to take when it is empty', () => {
    const queue = new TimerQueue()
    expect([queue.due, queue.take()]).to.deep.equal([undefined, undefined])
  })

  it('gives out by time, equal times in the order they came', () => {
    const tasks = new Tasks()
    for (const [name, at] of Object.entries({ late: 30, first: 10, second: 10, soonest: -5 })) tasks.add(name, at)
    expect(tasks.queue.due).to.equal(-5)
    expect(tasks.drain()).to.deep.equal(['soonest', 'first', 'second', 'late'])
  })

  it('neither shows nor runs what was cancelled, also when that was the only one', () => {
    const tasks = new Tasks()
    tasks.add('cancelled', 10)
    tasks.add('kept', 20)
    tasks.cancel('cancelled')
    expect(tasks.queue.due).to.equal(20)
    tasks.cancel('kept')
    expect([tasks.queue.due, tasks.drain()]).to.deep.equal([undefined, []])
  })

  it('lets a cancel after the run go by', () => {
    const tasks = new Tasks()
    tasks.add('ran', 10)
    tasks.add('next', 20)
    tasks.take()
    tasks.cancel('ran')
    expect(tasks.drain()).to.deep.equal(['ran', 'next'])
  })

  it('does whatever a sorted list would, through any adding, cancelling and taking', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const [tasks, list] = [new Tasks(), new SortedList()]
        steps.forEach((one, i) => {
          for (const queue of [tasks, list]) {
            if (one.do === 'add') queue.add(`${i}`, one.number)
            else if (one.do === 'cancel') queue.cancel(`${one.number}`)
            else queue.take()
          }
          expect(tasks.queue.due).to.equal(list.due)
          expect(tasks.ran).to.deep.equal(list.ran)
        })
        while (list.due !== undefined) list.take()
        expect(tasks.drain()).to.deep.equal(list.ran)
      }),
    )
  })
})
