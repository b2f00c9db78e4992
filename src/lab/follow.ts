import { redact } from '../kernel/redact.ts'
import type { Happening } from './events.ts'
import type { Lab } from './face.ts'

/** What a slow reader has not taken is kept up to so many events, then dropped and counted. */
const bound = 10_000

/** Events, keys and passwords left out, as server-sent events (WHATWG HTML §9.2) as they come, from the first `next` on; over when the lab has stopped, or at once when the reader leaves. */
export function follow(lab: Pick<Lab, 'bus'>): AsyncIterable<string> {
  return { [Symbol.asyncIterator]: () => new Following(lab) }
}

class Following implements AsyncIterator<string, undefined> {
  readonly #stop: () => void
  #waiting: string[] = [': events of the lab follow\n\n']
  #dropped = 0
  #over = false
  /** The reader who waits; one at a time. */
  #deliver: ((result: IteratorResult<string, undefined>) => void) | undefined

  constructor(lab: Pick<Lab, 'bus'>) {
    this.#stop = lab.bus.subscribe((event) => this.#take(event))
  }

  next(): Promise<IteratorResult<string, undefined>> {
    return new Promise((resolve) => {
      this.#deliver = resolve
      this.#pump()
    })
  }

  return(): Promise<IteratorResult<string, undefined>> {
    this.#waiting = []
    this.#end()
    this.#pump()
    return Promise.resolve({ done: true, value: undefined })
  }

  #take(event: Happening): void {
    if (this.#waiting.length < bound)
      this.#waiting.push(`event: ${event.type}\ndata: ${JSON.stringify(redact(event))}\n\n`)
    else this.#dropped++
    if (event.type === 'lab.stopped') this.#end()
    this.#pump()
  }

  #end(): void {
    this.#over = true
    this.#stop()
  }

  #pump(): void {
    const deliver = this.#deliver
    if (deliver === undefined) return
    const value = this.#waiting.shift() ?? this.#gap()
    if (value === undefined && !this.#over) return
    this.#deliver = undefined
    deliver(value === undefined ? { done: true, value } : { done: false, value })
  }

  /** How many were dropped, told once what was kept is read. */
  #gap(): string | undefined {
    if (this.#dropped === 0) return undefined
    const value = `event: lab.dropped\ndata: {"count":${this.#dropped}}\n\n`
    this.#dropped = 0
    return value
  }
}
