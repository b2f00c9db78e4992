import { createHook } from 'node:async_hooks'

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
/** A job of node:crypto that is done at once (`generateKeyPairSync`) gets no callback, so has no `ondone`; an immediate may be cleared. */
const doubtful = /REQUEST$|^Immediate$/
/** Done once closed: a child process and its pipes. */
const untilClosed: ReadonlySet<string> = new Set(['PROCESSWRAP', 'PIPEWRAP'])

/**
 * What this thread still has to do besides waiting for its clock: ticks and immediates, work on the thread pool, file requests, child
 * processes. Each is counted from its beginning to its end. A kind that cannot be counted is named instead, so that nobody trusts a
 * clock that moved too early.
 */
export class Pending {
  readonly #waiting = new Set<number>()
  /** Those that are over when they are closed, however often they call back. */
  readonly #open = new Set<number>()
  /** What may turn out never to get a callback. */
  readonly #doubtful = new Map<number, object>()
  readonly #hook
  /** Following what is closed costs something with every promise, so it begins with the first child process. */
  readonly #closings
  #ours = false
  /** Below the numbers that Node gives. */
  #lastHold = 0
  /** Grows with every tick, immediate and callback of others that has run. */
  ran = 0
  /** The first kind of work seen that cannot be counted. */
  uncounted: string | undefined
  /** Called when the last of what was waited for outside this turn has ended. */
  onIdle: () => void = () => undefined

  constructor() {
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => this.#began(id, type, resource),
      after: (id) => {
        if (this.#open.has(id)) this.#turn()
        else this.#ended(id)
      },
    })
    this.#closings = createHook({ destroy: (id) => this.#ended(id) })
  }

  /** Whether there is anything to be waited for. */
  get any(): boolean {
    for (const [id, resource] of this.#doubtful) {
      if ('ondone' in resource || ('_onImmediate' in resource && typeof resource._onImmediate === 'function')) continue
      this.#doubtful.delete(id)
      this.#waiting.delete(id)
    }
    return this.#waiting.size > 0
  }

  /** Counts from now on. */
  watch(): void {
    this.#hook.enable()
  }

  stop(): void {
    this.#hook.disable()
    this.#closings.disable()
    this.#waiting.clear()
    this.#open.clear()
    this.#doubtful.clear()
  }

  /** Counts something until the answer is called. */
  hold(): () => void {
    const id = --this.#lastHold
    this.#waiting.add(id)
    return () => this.#ended(id)
  }

  /** Runs what the driver does for itself; what begins meanwhile is not counted. */
  uncountedly(task: () => void): void {
    this.#ours = true
    task()
    this.#ours = false
  }

  /** Node tells that something was closed in a later turn of its loop, for which nothing else may come. */
  #turn(): void {
    this.uncountedly(() => setImmediate(() => undefined))
  }

  #began(id: number, type: string, resource: object): void {
    if (this.#ours || inert.has(type)) return
    if (untilClosed.has(type)) {
      this.#open.add(id)
      this.#closings.enable()
    } else if (!once.test(type)) this.uncounted ??= type
    this.#waiting.add(id)
    if (doubtful.test(type)) this.#doubtful.set(id, resource)
  }

  #ended(id: number): void {
    if (!this.#waiting.delete(id)) return
    this.#open.delete(id)
    this.#doubtful.delete(id)
    this.ran++
    if (this.#waiting.size === 0) this.onIdle()
  }
}
