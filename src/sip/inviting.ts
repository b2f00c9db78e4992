import { PosternError } from '../kernel/errors.ts'
import { cancelFor } from './compose.ts'
import { unanswered, type Answer, type Core } from './core.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import { timeoutOf, type ClientTransaction } from './transaction/client.ts'
import type { Flow } from './transport/flow.ts'

/** Who sent the INVITE. */
export interface InviteUser {
  /** Each 101–199. */
  progress(response: SipResponse): void
  /** Each 2xx, repeats and those of other forks included. */
  success(response: SipResponse): void
  /** Once, when it ends otherwise. */
  failure(answer: Answer): void
}

/** An INVITE of ours from its sending to its final response: timer C and CANCEL (RFC 3261 §9.1, §13.2, §16.6). */
export class Inviting {
  readonly #core: Core
  readonly #user: InviteUser
  readonly #transaction: ClientTransaction
  #state: 'calling' | 'proceeding' | 'final' = 'calling'
  #cancelling: 'no' | 'wanted' | 'sent' = 'no'
  /** Timer C ran out: whatever comes but a 2xx, the answer is a 408. */
  #expired: PosternError | undefined
  #stopTimer: () => void = () => undefined

  constructor(core: Core, request: SipRequest, flow: Flow, user: InviteUser) {
    this.#core = core
    this.#user = user
    this.#transaction = core.transactions.send(request, flow, {
      response: (response) => this.#receive(response),
      failed: (status, error) => this.#fail(status, error),
    })
    this.#startTimerC()
  }

  /** CANCEL, as soon as a provisional response allows it. */
  cancel(): void {
    if (this.#state === 'final' || this.#cancelling === 'sent') return
    this.#cancelling = 'wanted'
    if (this.#state === 'proceeding') this.#sendCancel()
  }

  /** Ends it now; the user is told. */
  drop(): void {
    this.#transaction.end(503, new PosternError('network-closed', 'the endpoint was closed'))
  }

  #receive(response: SipResponse): void {
    if (response.status < 200) this.#provisional(response)
    else if (response.status < 300) {
      this.#settle()
      this.#user.success(response)
    } else if (this.#expired !== undefined) this.#fail(408, this.#expired)
    else {
      this.#settle()
      this.#user.failure({ response, local: false })
    }
  }

  #provisional(response: SipResponse): void {
    this.#state = 'proceeding'
    if (this.#cancelling === 'wanted') this.#sendCancel()
    if (response.status === 100) return
    if (this.#cancelling === 'no') this.#startTimerC()
    this.#user.progress(response)
  }

  #startTimerC(): void {
    this.#stopTimer()
    this.#stopTimer = this.#core.order.clock.after(this.#core.order.timers.c, () => {
      this.#expired = this.#timedOut()
      if (this.#state === 'calling') this.#transaction.end(408, this.#expired)
      else this.#sendCancel()
    })
  }

  /** RFC 3261 §9.1: without a final response for 64*T1 after it the INVITE is over. */
  #sendCancel(): void {
    const { transactions, order } = this.#core
    this.#cancelling = 'sent'
    const ignore = { response: () => undefined, failed: () => undefined }
    transactions.send(cancelFor(this.#transaction.request), this.#transaction.flow, ignore)
    this.#stopTimer()
    this.#stopTimer = order.clock.after(64 * order.timers.t1, () =>
      this.#transaction.end(408, this.#expired ?? this.#timedOut()),
    )
  }

  #timedOut(): PosternError {
    const { method, headers } = this.#transaction.request
    this.#core.order.emit({ type: 'sip.timeout', method, callId: headers.get('Call-ID') ?? '' })
    return timeoutOf(this.#transaction.request)
  }

  #fail(status: 408 | 503, error: PosternError): void {
    this.#settle()
    const { request, flow } = this.#transaction
    this.#user.failure(unanswered(this.#core, request, flow, status, error))
  }

  #settle(): void {
    this.#state = 'final'
    this.#stopTimer()
  }
}
