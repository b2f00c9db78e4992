import {
  asPosternError,
  flowTo,
  respond,
  respondToEarlyUpdate,
  type Answer,
  type Closable,
  type Core,
  type DialogUser,
} from './core.ts'
import { contactOf, localResponse, newCallId, newTag, requestOf } from './compose.ts'
import { deferred } from './deferred.ts'
import { callerDialog, dialogKey } from './dialog/dialog.ts'
import { askedFields, asking, askingMore, leastTaken, withFields, type Asked } from './dialog/session-interval.ts'
import type { CallOutcome, InviteOrder, OutgoingCall } from './face.ts'
import { Inviting } from './inviting.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import { tagOf, withTag } from './message/name-addr.ts'
import { DialogSession } from './session.ts'
import type { ServerTransaction } from './transaction/server.ts'
import type { Flow } from './transport/flow.ts'

/** Most INVITEs of one call: each but the first answers a 422 that wanted a longer session interval. */
const mostInvites = 5

/** A call of ours until its outcome, and what its INVITE still brings after that: forks and repeated answers. */
export class Calling implements OutgoingCall, DialogUser, Closable {
  readonly callId: string
  readonly #core: Core
  readonly #order: InviteOrder
  readonly #localTag: string
  readonly #outcome = deferred<CallOutcome>()
  /** For each dialog that a 2xx made, by remote tag: sends its ACK (again). */
  readonly #acknowledge = new Map<string, () => void>()
  /** Keys of its early dialogs. */
  readonly #early = new Set<string>()
  /** What the latest INVITE asks of the session timer. */
  #asked: Asked | undefined
  #cseq = 1
  #inviting: Inviting | undefined
  #cancelled = false

  constructor(core: Core, order: InviteOrder) {
    this.#core = core
    this.#order = order
    this.callId = order.callId ?? newCallId(core.order.random)
    this.#localTag = newTag(core.order.random)
    this.#asked = asking(core.order.sessionTimer, leastTaken(core.order.sessionTimer))
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

  /** Requests in an early dialog. */
  receive(transaction: ServerTransaction): void {
    const { method } = transaction.request
    const contact = contactOf(transaction.flow, this.#order.contactUser)
    if (method === 'UPDATE') respondToEarlyUpdate(this.#core, transaction, { status: 491 }, contact)
    else respond(this.#core, transaction, { status: 481 })
  }

  acknowledge(): void {
    // An early dialog has nothing of ours to acknowledge.
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
    const { uri, from, to, contactUser } = this.#order
    const { product } = this.#core.order
    const contact = flow === undefined ? {} : { contact: contactOf(flow, contactUser) }
    const identity = { from: withTag(from, this.#localTag), to, callId: this.callId, cseq: this.#cseq }
    const extra = withFields(this.#order, askedFields(this.#asked))
    return requestOf({ method: 'INVITE', uri, ...identity, product, ...contact }, extra)
  }

  #invite(request: SipRequest, flow: Flow): void {
    this.#inviting = new Inviting(this.#core, request, flow, {
      progress: (response) => this.#progressed(response),
      success: (response) => this.#answered(request, response, flow),
      failure: (answer) => this.#refused(answer, flow),
    })
  }

  #progressed(response: SipResponse): void {
    const tag = tagOf(response.headers, 'To')
    if (tag !== undefined) {
      const key = dialogKey(this.callId, this.#localTag, tag)
      this.#early.add(key)
      this.#core.dialogs.set(key, this)
    }
    this.#order.progress?.(response)
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
    const session = new DialogSession(this.#core, dialog, flow, 'caller', wanted ? this.#order.session : undefined)
    session.begun(response, this.#asked)
    const acknowledge = session.acknowledger(dialog.localSeq)
    this.#acknowledge.set(tag, acknowledge)
    acknowledge()
    if (!wanted) void session.bye()
    if (wanted) this.#settle({ type: 'answered', session, response })
    else if (first) this.#terminated(request)
  }

  #refused({ response, local, error }: Answer, flow: Flow): void {
    const more = this.#cseq < mostInvites ? askingMore(this.#asked, response) : undefined
    if (more !== undefined && !this.#cancelled) this.#askMore(more, flow)
    else this.#settle({ type: 'refused', response, local, ...(error === undefined ? {} : { error }) })
  }

  /** RFC 4028 §7.3: the same call with a longer interval, as the next INVITE. */
  #askMore(asked: Asked, flow: Flow): void {
    this.#asked = asked
    this.#cseq++
    this.#invite(this.#request(flow), flow)
  }

  /** The caller gave up, and no response says so. */
  #terminated(request: SipRequest): void {
    this.#settle({ type: 'refused', response: localResponse(request, 487), local: true })
  }

  #settle(outcome: CallOutcome): void {
    for (const key of this.#early) if (this.#core.dialogs.get(key) === this) this.#core.dialogs.delete(key)
    this.#core.open.delete(this)
    this.#outcome.resolve(outcome)
  }
}
