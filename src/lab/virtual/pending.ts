import { createHook } from 'node:async_hooks'
import { promiseHooks } from 'node:v8'

/** Kinds of async resource that leave nothing to be waited for: objects that only carry a context, and what runs in the turn of another. */
const inert: ReadonlySet<string> = new Set([
  'PROMISE',
  'Microtask',
  'HTTPINCOMINGMESSAGE',
  'HTTPCLIENTREQUEST',
  'HTTPServerAsyncResource',
  'HTTPClientAsyncResource',
  'TLSWRAP',
  'JSSTREAM',
  'JSStreamSocket',
  'SHUTDOWNWRAP',
  'WRITEWRAP',
  'SECURECONTEXT',
  'STREAM_END_OF_STREAM',
  'BLOBREADER',
  'FILEHANDLE',
  'MESSAGEPORT',
])

/** Done once their callback has run: a tick, an immediate, work on the thread pool, a request to the file system. */
const once = /^(?:TickObject|Immediate|FSREQCALLBACK|FSREQPROMISE|FILEHANDLECLOSEREQ|[A-Z]+REQUEST)$/
/** A job of node:crypto; one that is done at once (`generateKeyPairSync`) never gets a callback, so has no `ondone`. */
const cryptoJob = /REQUEST$/
/** Done once closed: a child process and its pipes. */
const untilClosed: ReadonlySet<string> = new Set(['PROCESSWRAP', 'PIPEWRAP'])

/**
 * What this thread still has to do besides waiting for its clock: ticks and immediates, work on the thread pool, file requests, child
 * processes. Each is counted from its beginning to its end. A kind that cannot be counted is named instead, so that nobody trusts a
 * clock that moved too early.
 */
export class Pending {
  readonly #waiting = new Set<number>()
  readonly #jobs = new Map<number, object>()
  readonly #hook
  #ours = false
  /** Grows with every tick, immediate and callback of others that has run. */
  ran = 0
  /** The first kind of work seen that cannot be counted. */
  uncounted: string | undefined
  /** Called when the last of what was waited for outside this turn has ended. */
  onIdle: () => void = () => undefined

  constructor() {
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => this.#began(id, type, resource),
      after: (id) => this.#ended(id),
      destroy: (id) => this.#ended(id),
    })
  }

  /** Whether there is anything to be waited for. */
  get any(): boolean {
    for (const [id, job] of this.#jobs) {
      if ('ondone' in job) continue
      this.#jobs.delete(id)
      this.#waiting.delete(id)
    }
    return this.#waiting.size > 0
  }

  /** Counts from now on. Promises need no counting, they are settled within a turn, so the cost of following each is left out. */
  watch(): void {
    this.#hook.enable()
    const stop = promiseHooks.onInit(() => undefined) as () => void
    stop()
  }

  stop(): void {
    this.#hook.disable()
    this.#waiting.clear()
    this.#jobs.clear()
  }

  /** Runs what the driver does for itself; what begins meanwhile is not counted. */
  uncountedly(task: () => void): void {
    this.#ours = true
    task()
    this.#ours = false
  }

  #began(id: number, type: string, resource: object): void {
    if (this.#ours || inert.has(type)) return
    if (once.test(type) || untilClosed.has(type)) this.#waiting.add(id)
    else this.uncounted ??= type
    if (cryptoJob.test(type)) this.#jobs.set(id, resource)
  }

  #ended(id: number): void {
    if (!this.#waiting.delete(id)) return
    this.#jobs.delete(id)
    this.ran++
    if (this.#waiting.size === 0) this.onIdle()
  }
}
