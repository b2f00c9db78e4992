import type { PosternError } from '../kernel/errors.ts'
import { localResponse } from './compose.ts'
import {
  answerOf,
  asPosternError,
  ask,
  composed,
  flowTo,
  respond,
  type Answer,
  type Closable,
  type Core,
  type DialogUser,
} from './core.ts'
import { deferred } from './deferred.ts'
import { Answering, type AnswerEnd } from './dialog/answering.ts'
import { ackOf, afterRequest, dialogKey, nextHop, nextRequest, refreshed, type Dialog } from './dialog/dialog.ts'
import type { Extra, Reply, Session, SessionEnd, SessionHandlers } from './face.ts'
import { Inviting } from './inviting.ts'
import { parseCSeq } from './message/cseq.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import type { ServerTransaction } from './transaction/server.ts'
import { isReliable, type Flow } from './transport/flow.ts'
import { hopOf } from './transport/hop.ts'
import { withVia } from './transport/via.ts'

/** Methods that have an RFC: not handled, they are a 405; any other is a 501. */
const known = new Set(['INFO', 'NOTIFY', 'MESSAGE', 'PRACK', 'PUBLISH', 'REFER', 'REGISTER', 'SUBSCRIBE', 'UPDATE'])

/** A dialog that an INVITE made, from its 2xx to its BYE (RFC 3261 §12–§15). */
export class DialogSession implements Session, DialogUser, Closable {
  readonly #core: Core
  readonly #handlers: SessionHandlers
  readonly #key: string
  readonly #ended = deferred<SessionEnd>()
  #dialog: Dialog
  #flow: Flow
  #leaveFlow: () => void = () => undefined
  /** Our 2xx to an INVITE that has no ACK yet. */
  #answering: Answering | undefined
  #acknowledged = deferred<undefined>()
  /** Their re-INVITE, not answered; and ours. */
  #invited: ServerTransaction | undefined
  #inviting: Inviting | undefined
  #leaving: Promise<SipResponse> | undefined
  #held: { stop: () => void } | undefined
  #over = false

  constructor(core: Core, dialog: Dialog, flow: Flow, handlers: SessionHandlers = {}) {
    this.#core = core
    this.#handlers = handlers
    this.#dialog = dialog
    this.#key = dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag)
    this.#flow = flow
    this.#acknowledged.resolve(undefined)
    core.dialogs.set(this.#key, this)
    core.open.add(this)
    this.#follow(flow)
  }

  get callId(): string {
    return this.#dialog.callId
  }

  get localTag(): string {
    return this.#dialog.localTag
  }

  get remoteTag(): string {
    return this.#dialog.remoteTag
  }

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise
  }

  async bye(extra: Extra = {}): Promise<void> {
    if (!this.#over && this.#held === undefined) this.#leaving ??= this.#leave(extra)
    await this.ended
  }

  async request(method: string, extra: Extra = {}): Promise<SipResponse> {
    if (this.#over || this.#held !== undefined) return localResponse(nextRequest(this.#dialog, method, extra)[1], 481)
    if (method === 'BYE') return (this.#leaving ??= this.#leave(extra))
    const answer = method === 'INVITE' ? await this.#reinvite(extra) : await this.#ask(method, extra)
    this.#judge(method, answer)
    return answer.response
  }

  /** Sends a 2xx to the peer's INVITE until its ACK comes. */
  answer(transaction: ServerTransaction, response: SipResponse): void {
    this.#acknowledged = deferred()
    this.#answering = new Answering(this.#core.order, transaction, response, (end) => this.#answered(end))
  }

  /** The ACK to a 2xx of the INVITE with this number, of one branch however often it is sent. */
  acknowledger(cseq: number): () => void {
    const ack = ackOf(this.#dialog, cseq)
    const branch = this.#core.transactions.branch()
    const send = async (): Promise<void> => {
      try {
        const flow = await this.#flowNow()
        flow.send(withVia(ack, flow, branch))
      } catch {
        // Reported by flowTo; the peer repeats its 2xx, and ends the call if no ACK can ever reach it.
      }
    }
    return () => void send()
  }

  acknowledge(ack: SipRequest): void {
    this.#answering?.acknowledge(parseCSeq(ack.headers.get('CSeq'))?.number)
  }

  receive(transaction: ServerTransaction): void {
    const after = afterRequest(this.#dialog, transaction.request)
    if (this.#held !== undefined) respond(this.#core, transaction, { status: 481 })
    else if (after === undefined) respond(this.#core, transaction, { status: 500 })
    else {
      this.#dialog = after
      if (isReliable(transaction.flow.transport) && !this.#flow.alive) this.#follow(transaction.flow)
      const { method } = transaction.request
      if (method === 'BYE') void this.#left(transaction)
      else if (method === 'INVITE') void this.#reinvited(transaction)
      else void this.#asked(transaction)
    }
  }

  /** Ends it here; nothing is sent. */
  over(end: SessionEnd): void {
    if (this.#over) return
    this.#over = true
    this.#leaveFlow()
    this.#answering?.stop()
    this.#held?.stop()
    this.#refuseInvited(487)
    this.#core.open.delete(this)
    if (this.#core.dialogs.get(this.#key) === this) this.#core.dialogs.delete(this.#key)
    this.#ended.resolve(end)
  }

  finish(): Promise<unknown> {
    this.#answering?.stop()
    return this.bye()
  }

  drop(): void {
    this.over({ by: 'local', text: 'the endpoint was closed' })
    this.#inviting?.drop()
  }

  /** BYE of ours: not before the ACK to our 2xx, or until it is sure that none comes (RFC 3261 §15). */
  async #leave(extra: Extra): Promise<SipResponse> {
    await this.#acknowledged.promise
    const { response } = await this.#ask('BYE', extra)
    const text = response.status < 300 ? {} : { text: `BYE: ${response.status} ${response.reason}` }
    this.over({ by: 'local', ...text })
    return response
  }

  /** BYE of theirs: its 200 waits for the service, within bounds. */
  async #left(transaction: ServerTransaction): Promise<void> {
    this.#refuseInvited(487)
    const waited = deferred<undefined>()
    const { clock, timers } = this.#core.order
    const cancel = clock.after(timers.byeAnswer, () => waited.resolve(undefined))
    this.#held = { stop: () => waited.resolve(undefined) }
    const handled = answerOf(async () => {
      await this.#handlers.bye?.(transaction.request)
      return { status: 200 }
    })
    await Promise.race([handled, waited.promise])
    cancel()
    respond(this.#core, transaction, { status: 200 })
    this.over({ by: this.#leaving === undefined ? 'remote' : 'local' })
  }

  /** RFC 3261 §14.2. */
  async #reinvited(transaction: ServerTransaction): Promise<void> {
    const early = this.#earlyReply()
    if (early !== undefined) {
      respond(this.#core, transaction, early)
      return
    }
    this.#invited = transaction
    transaction.onAbandoned(() => this.#refuseInvited(487))
    const reply = await answerOf(async () => (await this.#handlers.reinvite?.(transaction.request)) ?? { status: 488 })
    if (this.#invited !== transaction) return
    this.#invited = undefined
    if (reply.status >= 300) respond(this.#core, transaction, reply)
    else {
      this.#dialog = refreshed(this.#dialog, transaction.request)
      this.answer(transaction, composed(this.#core.order.product, transaction, reply, this.#dialog.contact))
    }
  }

  /** What keeps a re-INVITE from being handled: one of theirs under way, or one of ours. */
  #earlyReply(): Reply | undefined {
    const busy = this.#invited !== undefined || this.#answering !== undefined
    if (busy) return { status: 500, headers: [{ name: 'Retry-After', value: '5' }] }
    return this.#inviting === undefined ? undefined : { status: 491 }
  }

  async #asked(transaction: ServerTransaction): Promise<void> {
    const { method } = transaction.request
    const unhandled = { status: method === 'OPTIONS' ? 200 : known.has(method) ? 405 : 501 }
    const reply = await answerOf(async () => (await this.#handlers.request?.(transaction.request)) ?? unhandled)
    respond(this.#core, transaction, reply)
  }

  #refuseInvited(status: number): void {
    const invited = this.#invited
    this.#invited = undefined
    if (invited !== undefined) respond(this.#core, invited, { status })
  }

  #answered(end: AnswerEnd): void {
    this.#answering = undefined
    this.#acknowledged.resolve(undefined)
    if (end !== 'expired' || this.#over) return
    this.#core.order.emit({ type: 'sip.timeout', method: 'ACK', callId: this.callId })
    if (this.#leaving !== undefined) return
    void this.#ask('BYE', {})
    this.over({ by: 'failed', text: 'no ACK came to our 2xx' })
  }

  async #reinvite(extra: Extra): Promise<Answer> {
    const [dialog, request] = nextRequest(this.#dialog, 'INVITE', extra)
    if (this.#inviting !== undefined || this.#invited !== undefined || this.#answering !== undefined) {
      return { response: localResponse(request, 491), local: true }
    }
    this.#dialog = dialog
    const answered = deferred<Answer>()
    const flow = await this.#flowFor(request)
    if ('response' in flow) return flow
    let acknowledge: (() => void) | undefined
    this.#inviting = new Inviting(this.#core, request, flow, {
      progress: () => undefined,
      success: (response) => {
        this.#dialog = refreshed(this.#dialog, response)
        acknowledge ??= this.acknowledger(dialog.localSeq)
        acknowledge()
        answered.resolve({ response, local: false })
      },
      failure: (answer) => answered.resolve(answer),
    })
    const answer = await answered.promise
    this.#inviting = undefined
    return answer
  }

  async #ask(method: string, extra: Extra): Promise<Answer> {
    const [dialog, request] = nextRequest(this.#dialog, method, extra)
    this.#dialog = dialog
    const flow = await this.#flowFor(request)
    return 'response' in flow ? flow : ask(this.#core, request, flow)
  }

  /** RFC 3261 §12.2.1.2: a peer that does not know the dialog, or does not answer, has ended it. */
  #judge(method: string, { response, local }: Answer): void {
    const { status, reason } = response
    if (status !== 481 && status !== 408 && !(local && status === 503)) return
    this.over({ by: 'failed', text: `${method}: ${status} ${response.headers.get('Warning') ?? reason}` })
  }

  async #flowFor(request: SipRequest): Promise<Flow | Answer> {
    try {
      return await this.#flowNow()
    } catch (thrown) {
      const error: PosternError = asPosternError(thrown, this.#flow.remote)
      return { response: localResponse(request, 503, error), local: true, error }
    }
  }

  /** The dialog's own connection while it is alive, else the way to the next hop. */
  async #flowNow(): Promise<Flow> {
    if (isReliable(this.#flow.transport) && this.#flow.alive) return this.#flow
    const flow = await flowTo(this.#core, hopOf(nextHop(this.#dialog)), this.#flow)
    if (isReliable(flow.transport)) this.#follow(flow)
    return flow
  }

  /** A connection may end without the dialog (RFC 3261 §12): ask the peer over a new one, and end if it is not there. */
  #follow(flow: Flow): void {
    this.#leaveFlow()
    this.#flow = flow
    this.#leaveFlow = flow.onClosed(() => {
      if (!this.#over && this.#held === undefined && this.#leaving === undefined) void this.request('OPTIONS')
    })
  }
}
