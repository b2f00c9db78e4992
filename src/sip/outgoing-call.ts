import { asPosternError, flowTo, type Answer, type Closable, type Core } from './core.ts'
import { contactOf, localResponse, newCallId, newTag, requestOf } from './compose.ts'
import { deferred } from './deferred.ts'
import { callerDialog } from './dialog/dialog.ts'
import type { CallOutcome, InviteOrder, OutgoingCall } from './face.ts'
import { Inviting } from './inviting.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import { tagOf, withTag } from './message/name-addr.ts'
import { DialogSession } from './session.ts'
import type { Flow } from './transport/flow.ts'

/** A call of ours until its outcome, and what its INVITE still brings after that: forks and repeated answers. */
export class Calling implements OutgoingCall, Closable {
  readonly callId: string
  readonly #core: Core
  readonly #order: InviteOrder
  readonly #from: string
  readonly #outcome = deferred<CallOutcome>()
  /** For each dialog that a 2xx made, by remote tag: sends its ACK (again). */
  readonly #acknowledge = new Map<string, () => void>()
  #inviting: Inviting | undefined
  #cancelled = false

  constructor(core: Core, order: InviteOrder) {
    this.#core = core
    this.#order = order
    this.callId = order.callId ?? newCallId(core.order.random)
    this.#from = withTag(order.from, newTag(core.order.random))
    core.open.add(this)
    void this.#start()
  }

  get outcome(): Promise<CallOutcome> {
    return this.#outcome.promise
  }

  cancel(): void {
    this.#cancelled = true
    this.#inviting?.cancel()
  }

  finish(): Promise<unknown> {
    this.cancel()
    return this.outcome
  }

  drop(): void {
    this.#inviting?.drop()
  }

  async #start(): Promise<void> {
    const { hop } = this.#order
    try {
      const flow = await flowTo(this.#core, hop)
      if (this.#cancelled) this.#terminated(this.#request())
      else this.#invite(this.#request(flow), flow)
    } catch (thrown) {
      const error = asPosternError(thrown, hop)
      this.#settle({ type: 'refused', response: localResponse(this.#request(), 503, error), local: true, error })
    }
  }

  #request(flow?: Flow): SipRequest {
    const { uri, to, contactUser } = this.#order
    const { product } = this.#core.order
    const contact = flow === undefined ? {} : { contact: contactOf(flow, contactUser) }
    const parts = { method: 'INVITE', uri, from: this.#from, to, callId: this.callId, cseq: 1, product, ...contact }
    return requestOf(parts, this.#order)
  }

  #invite(request: SipRequest, flow: Flow): void {
    this.#inviting = new Inviting(this.#core, request, flow, {
      progress: (response) => this.#order.progress?.(response),
      success: (response) => this.#answered(request, response, flow),
      failure: (answer) => this.#refused(answer),
    })
  }

  /** RFC 3261 §13.2.2.4: the first 2xx makes the session; one from another fork, or after CANCEL, is ended at once. */
  #answered(request: SipRequest, response: SipResponse, flow: Flow): void {
    const tag = tagOf(response.headers, 'To') ?? ''
    const known = this.#acknowledge.get(tag)
    if (known !== undefined) {
      known()
      return
    }
    const first = this.#acknowledge.size === 0
    const wanted = first && !this.#cancelled
    const contact = request.headers.get('Contact') ?? contactOf(flow, this.#order.contactUser)
    const dialog = callerDialog(request, response, flow, { contact, product: this.#core.order.product })
    const session = new DialogSession(this.#core, dialog, flow, wanted ? this.#order.session : undefined)
    const acknowledge = session.acknowledger(dialog.localSeq)
    this.#acknowledge.set(tag, acknowledge)
    acknowledge()
    if (!wanted) void session.bye()
    if (wanted) this.#settle({ type: 'answered', session, response })
    else if (first) this.#terminated(request)
  }

  #refused({ response, local, error }: Answer): void {
    this.#settle({ type: 'refused', response, local, ...(error === undefined ? {} : { error }) })
  }

  /** The caller gave up, and no response says so. */
  #terminated(request: SipRequest): void {
    this.#settle({ type: 'refused', response: localResponse(request, 487), local: true })
  }

  #settle(outcome: CallOutcome): void {
    this.#core.open.delete(this)
    this.#outcome.resolve(outcome)
  }
}
