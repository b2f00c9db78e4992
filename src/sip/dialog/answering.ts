import type { Clock } from '../../kernel/clock.ts'
import { parseCSeq } from '../message/cseq.ts'
import type { SipResponse } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import type { TimerTable } from '../transaction/timers.ts'

/** `stopped`: the session ended before the ACK. */
export type AnswerEnd = 'acknowledged' | 'expired' | 'stopped'

/** A 2xx to INVITE, sent again from T1 up to every T2, over any transport, until its ACK comes: RFC 3261 §13.3.1.4. */
export class Answering {
  readonly #clock: Clock
  readonly #transaction: ServerTransaction
  readonly #response: SipResponse
  readonly #longest: number
  readonly #ended: (end: AnswerEnd) => void
  #cancelRepeat: () => void = () => undefined
  readonly #cancelExpiry: () => void
  #over = false

  constructor(
    { clock, timers }: { readonly clock: Clock; readonly timers: TimerTable },
    transaction: ServerTransaction,
    response: SipResponse,
    ended: (end: AnswerEnd) => void,
  ) {
    this.#clock = clock
    this.#transaction = transaction
    this.#response = response
    this.#longest = timers.t2
    this.#ended = ended
    transaction.respond(response)
    this.#repeatAfter(timers.t1)
    this.#cancelExpiry = clock.after(64 * timers.t1, () => this.#end('expired'))
  }

  /** An ACK came; it counts when it bears the number of our INVITE. */
  acknowledge(cseq: number | undefined): void {
    if (cseq === parseCSeq(this.#response.headers.get('CSeq'))?.number) this.#end('acknowledged')
  }

  stop(): void {
    this.#end('stopped')
  }

  #repeatAfter(ms: number): void {
    this.#cancelRepeat = this.#clock.after(ms, () => {
      this.#transaction.respond(this.#response)
      this.#repeatAfter(Math.min(ms * 2, this.#longest))
    })
  }

  #end(end: AnswerEnd): void {
    if (this.#over) return
    this.#over = true
    this.#cancelRepeat()
    this.#cancelExpiry()
    this.#ended(end)
  }
}
