import type { Worker } from 'node:worker_threads'
import { messageOf, PosternError } from '../../kernel/errors.ts'
import { startThread } from '../../lab/thread.ts'
import type { RunEvent } from '../result.ts'
import type { FromWorker, Job, Played, WorkerSetup } from './messages.ts'

interface Waiting {
  readonly job: Job
  readonly said: (event: RunEvent) => void
  readonly resolve: (played: Played) => void
  readonly reject: (error: Error) => void
}

/** A call makes much that is soon forgotten: in a larger young generation it is forgotten before it is moved about. */
const limits = { maxYoungGenerationSizeMb: 192 } as const

/** Worker threads that play scenarios in virtual time, each one at a time. A thread that dies fails its job, and another takes its place. */
export class Threads {
  readonly #setup: WorkerSetup
  readonly #most: number
  readonly #starting = new Set<Worker>()
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Waiting>()
  readonly #queue: Waiting[] = []
  #serial = 0
  #closed = false

  constructor(setup: WorkerSetup, most: number) {
    this.#setup = setup
    this.#most = most
  }

  /** @throws PosternError lab-broken when the thread that played it died, interrupted when they were closed before it was over */
  play(order: Omit<Job, 'id'>, said: (event: RunEvent) => void = () => undefined): Promise<Played> {
    if (this.#closed) return Promise.reject(new PosternError('interrupted', 'interrupted before it began'))
    return new Promise((resolve, reject) => {
      this.#queue.push({ job: { ...order, id: this.#serial++ }, said, resolve, reject })
      this.#next()
    })
  }

  /** Ends every thread; what was not over is interrupted. */
  async close(): Promise<void> {
    this.#closed = true
    const threads = [...this.#starting, ...this.#idle, ...this.#busy.keys()]
    const open = [...this.#queue.splice(0), ...this.#busy.values()]
    this.#busy.clear()
    for (const { reject } of open) reject(new PosternError('interrupted', 'interrupted before it was over'))
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  #next(): void {
    while (this.#queue.length > 0) {
      const thread = this.#idle.pop()
      if (thread === undefined) break
      this.#give(thread)
    }
    const threads = this.#starting.size + this.#idle.length + this.#busy.size
    if (this.#queue.length > this.#starting.size && threads < this.#most) this.#start()
  }

  #give(thread: Worker): void {
    const waiting = this.#queue.shift()
    if (waiting === undefined) return
    this.#busy.set(thread, waiting)
    thread.postMessage(waiting.job)
  }

  #start(): void {
    const thread = startThread(new URL('./worker', import.meta.url), this.#setup, limits)
    this.#starting.add(thread)
    const gone = (why: unknown): void => this.#gone(thread, why)
    thread.on('message', (message: FromWorker) => this.#heard(thread, message))
    thread.on('error', gone)
    thread.on('exit', () => gone('it ended'))
  }

  #heard(thread: Worker, message: FromWorker): void {
    if (this.#closed) return
    if (message.type === 'said') {
      this.#busy.get(thread)?.said(message.event)
      return
    }
    this.#starting.delete(thread)
    if (message.type === 'played') {
      const waiting = this.#busy.get(thread)
      this.#busy.delete(thread)
      waiting?.resolve(message)
    }
    this.#idle.push(thread)
    this.#next()
  }

  /** One that does not come up takes all that waits with it: no other would come up either. */
  #gone(thread: Worker, why: unknown): void {
    if (this.#closed) return
    const error = new PosternError('lab-broken', `a thread of the virtual world ended: ${messageOf(why)}`, {
      cause: why,
    })
    if (this.#starting.delete(thread)) for (const { reject } of this.#queue.splice(0)) reject(error)
    this.#busy.get(thread)?.reject(error)
    this.#busy.delete(thread)
    const at = this.#idle.indexOf(thread)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#next()
  }
}
