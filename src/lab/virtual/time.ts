import { ManualClock } from '../../kernel/clock.ts'
import { PosternError } from '../../kernel/errors.ts'
import type { Random } from '../../kernel/random.ts'
import { installGlobals } from './globals.ts'
import { Pending } from './pending.ts'

/** So many events in a row, and the thread looks at its messages. */
const breath = 5000

export interface VirtualTimeOrder {
  readonly clock: ManualClock
  /** What the globals of this thread draw from meanwhile. */
  readonly random: Random
  /** ms of virtual time after which it is given up; none when left out. */
  readonly limitMs?: number
}

/**
 * Runs `body` in virtual time: this thread's clocks, timers and chance are the virtual world's, and the clock moves to its next task
 * when, and only when, nothing else is left to do. One at a time in a thread.
 * @throws PosternError lab-broken when nothing is left that could settle `body`, when it takes longer than allowed, or when something
 * was done in the background that cannot be waited for; and whatever `body` rejects with
 */
export async function inVirtualTime<T>(order: VirtualTimeOrder, body: () => Promise<T>): Promise<T> {
  const driver = new Driver(order)
  const restore = installGlobals(order.clock, order.random, () => driver.hold())
  try {
    return await driver.run(body)
  } finally {
    driver.stop()
    restore()
  }
}

const nextTick = process.nextTick.bind(process)
const breathe = setImmediate

/** What it throws at once, it rejects with. */
const begun = async <T>(body: () => Promise<T>): Promise<T> => body()

class Driver {
  readonly #clock: ManualClock
  readonly #end: number
  readonly #pending = new Pending()
  #fail: (error: Error) => void = () => undefined
  #running = false
  /** A look is on its way. */
  #looking = false
  #ranBefore = 0
  #sinceBreath = 0

  constructor({ clock, limitMs }: VirtualTimeOrder) {
    this.#clock = clock
    this.#end = clock.now() + (limitMs ?? Infinity)
  }

  run<T>(body: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#fail = reject
      this.#pending.onIdle = () => this.#look()
      // In a turn of its own: what the caller still does in this one is none of ours.
      breathe(() => {
        this.#running = true
        this.#pending.watch()
        begun(body)
          .then(resolve, reject)
          .finally(() => this.stop())
        this.#look()
      })
    })
  }

  /** Something goes on outside this thread until the answer is called. */
  hold(): () => void {
    return this.#pending.hold()
  }

  stop(): void {
    this.#running = false
    this.#pending.stop()
  }

  /** Looks whether all is quiet once the microtasks of this turn have run: a tick runs after the last of them. */
  #look(): void {
    if (this.#looking) return
    this.#looking = true
    this.#pending.uncountedly(() => queueMicrotask(this.#afterMicrotasks))
  }

  readonly #afterMicrotasks = (): void => {
    this.#ranBefore = this.#pending.ran
    this.#pending.uncountedly(() => nextTick(this.#judge))
  }

  /** Quiet: no tick of others ran since the microtasks did, and none is left; nor anything else. */
  readonly #judge = (): void => {
    this.#looking = false
    if (!this.#running) return
    if (this.#pending.uncounted !== undefined)
      this.#break(`${this.#pending.uncounted} ran in the background: the virtual clock cannot wait for it`)
    else if (this.#pending.any) return
    else if (this.#pending.ran !== this.#ranBefore) this.#look()
    else this.#advance()
  }

  #advance(): void {
    const due = this.#clock.due
    if (due === undefined)
      this.#break('nothing is left to happen, and it is not over: something waits for what will never come')
    else if (due > this.#end) this.#break(`it was not over after ${Math.round(this.#end / 1000)} s of virtual time`)
    else if (++this.#sinceBreath > breath) {
      this.#sinceBreath = 0
      this.#pending.uncountedly(() => breathe(() => this.#look()))
    } else {
      this.#step()
      this.#look()
    }
  }

  /** What a task throws would have ended the process. */
  #step(): void {
    try {
      this.#clock.step()
    } catch (thrown) {
      this.#running = false
      this.#fail(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }

  #break(text: string): void {
    this.#running = false
    this.#fail(new PosternError('lab-broken', text))
  }
}
