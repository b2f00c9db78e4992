import type { PosternError } from '../kernel/errors.ts'
import { isRefresh, localResponse } from './compose.ts'
import {
  answerOf,
  asPosternError,
  ask,
  composed,
  later,
  respond,
  type Answer,
  type Closable,
  type Core,
  type DialogUser,
} from './core.ts'
import { deferred } from './deferred.ts'
import { Answering, type AnswerEnd } from './dialog/answering.ts'
import { ackOf, afterRequest, dialogKey, nextHop, nextRequest, refreshed, type Dialog } from './dialog/dialog.ts'
import { DialogFlow } from './dialog/flow.ts'
import { Refreshing } from './dialog/refreshing.ts'
import { askedFields, askingMore, withFields, type Asked } from './dialog/session-interval.ts'
import type { Extra, Reply, Session, SessionEnd, SessionHandlers } from './face.ts'
import { Inviting } from './inviting.ts'
import { parseCSeq } from './message/cseq.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import type { ServerTransaction } from './transaction/server.ts'
import type { Flow } from './transport/flow.ts'
import { withVia } from './transport/via.ts'

/** Methods that have an RFC: not handled, they are a 405; any other is a 501. */
const known = new Set(['INFO', 'NOTIFY', 'MESSAGE', 'PRACK', 'PUBLISH', 'REFER', 'REGISTER', 'SUBSCRIBE'])

/** Most requests of one session refresh: each but the first answers a 422 that wanted a longer interval. */
const mostRefreshes = 5

/** A dialog that an INVITE made, from its 2xx to its BYE (RFC 3261 §12–§15). */
export class DialogSession implements Session, DialogUser, Closable {
  readonly #core: Core
  readonly #handlers: SessionHandlers
  readonly #key: string
  readonly #refreshing: Refreshing
  readonly #ended = deferred<SessionEnd>()
  #dialog: Dialog
  readonly #flow: DialogFlow
  /** Our 2xx to an INVITE that has no ACK yet. */
  #answering: Answering | undefined
  #acknowledged = deferred<undefined>()
  /** Their re-INVITE or UPDATE with a body, not answered; and our re-INVITE. */
  #invited: ServerTransaction | undefined
  #inviting: Inviting | undefined
  #leaving: Promise<SipResponse> | undefined
  #held: { stop: () => void } | undefined
  #over = false

  constructor(core: Core, dialog: Dialog, flow: Flow, side: 'caller' | 'callee', handlers: SessionHandlers = {}) {
    this.#core = core
    this.#handlers = handlers
    this.#dialog = dialog
    this.#key = dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag)
    this.#refreshing = new Refreshing(core.order, {
      callId: dialog.callId,
      caller: side === 'caller',
      refresh: (method, extra) => this.request(method, extra),
      description: () => handlers.description?.(),
      expired: (text) => this.#abandon(text),
    })
    this.#acknowledged.resolve(undefined)
    core.dialogs.set(this.#key, this)
    core.open.add(this)
    this.#flow = new DialogFlow(core, flow, () => this.#lost())
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
    const answer = isRefresh(method) ? await this.#refresh(method, extra) : await this.#ask(method, extra)
    this.#judge(method, answer)
    return answer.response
  }

  /** The 2xx came that made it, to an INVITE that asked for this. */
  begun(response: SipResponse, asked: Asked | undefined): void {
    this.#refreshing.begun(response, asked)
  }

  /** Sends the 200 that makes it. */
  begin(transaction: ServerTransaction, extra: Extra): void {
    this.#answer(
      transaction,
      withFields({ ...extra, status: 200 }, this.#refreshing.granted(transaction.request, false)),
    )
  }

  /** The ACK to a 2xx of the INVITE with this number, of one branch however often it is sent. */
  acknowledger(cseq: number): () => void {
    const ack = ackOf(this.#dialog, cseq)
    const branch = this.#core.transactions.branch()
    const send = async (): Promise<void> => {
      try {
        const flow = await this.#flow.to(nextHop(this.#dialog))
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
      this.#flow.heard(transaction.flow)
      const { method, body } = transaction.request
      const tooShort = isRefresh(method) ? this.#refreshing.refusal(transaction.request) : undefined
      if (tooShort !== undefined) respond(this.#core, transaction, tooShort)
      else if (method === 'BYE') void this.#left(transaction)
      else if (method === 'UPDATE' && body.length === 0) this.#accept(transaction, { status: 200 })
      else if (isRefresh(method)) void this.#reoffered(transaction)
      else void this.#asked(transaction)
    }
  }

  /** Ends it here; nothing is sent. */
  over(end: SessionEnd): void {
    if (this.#over) return
    this.#over = true
    this.#flow.leave()
    this.#refreshing.stop()
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
    this.#refreshing.stop()
    await this.#acknowledged.promise
    const { response } = await this.#ask('BYE', extra)
    const text = response.status < 300 ? {} : { text: `BYE: ${response.status} ${response.reason}` }
    this.over({ by: 'local', ...text })
    return response
  }

  /** BYE of theirs: its 200 waits for the service, within bounds. */
  async #left(transaction: ServerTransaction): Promise<void> {
    this.#refreshing.stop()
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

  /** RFC 3261 §14.2, and RFC 3311 §5.2 for an UPDATE with a body. */
  async #reoffered(transaction: ServerTransaction): Promise<void> {
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
    else this.#accept(transaction, reply)
  }

  /** The 2xx to a session refresh request of theirs. */
  #accept(transaction: ServerTransaction, reply: Reply): void {
    this.#dialog = refreshed(this.#dialog, transaction.request)
    const granted = withFields(reply, this.#refreshing.granted(transaction.request, true))
    if (transaction.request.method === 'INVITE') this.#answer(transaction, granted)
    else respond(this.#core, transaction, granted, this.#dialog.contact)
  }

  /** Sends a 2xx to the peer's INVITE until its ACK comes. */
  #answer(transaction: ServerTransaction, reply: Reply): void {
    const response = composed(this.#core.order.product, transaction, reply, this.#dialog.contact)
    this.#acknowledged = deferred()
    this.#answering = new Answering(this.#core.order, transaction, response, (end) => this.#answered(end))
  }

  /** What keeps a re-INVITE from being handled: one of theirs under way, or one of ours. */
  #earlyReply(): Reply | undefined {
    const busy = this.#invited !== undefined || this.#answering !== undefined
    if (busy) return later
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
    if (this.#leaving === undefined) this.#abandon('no ACK came to our 2xx')
  }

  /** Ends it with a BYE of ours that waits for no answer, unless one is under way. */
  #abandon(text: string): void {
    if (this.#leaving === undefined && this.#held === undefined) void this.#ask('BYE', {})
    this.over({ by: 'failed', text })
  }

  /** A session refresh request of ours; a 422 makes it ask for more (RFC 4028 §7.3). */
  async #refresh(method: string, extra: Extra): Promise<Answer> {
    let asked = this.#refreshing.asked
    for (let tries = 1; ; tries++) {
      const fields = withFields(extra, askedFields(asked))
      const answer = method === 'INVITE' ? await this.#reinvite(fields) : await this.#ask(method, fields)
      const { response } = answer
      if (response.status < 300 && !this.#over) this.#refreshed(method, response, asked)
      asked = tries < mostRefreshes ? askingMore(asked, response) : undefined
      if (asked === undefined || this.#over) return answer
    }
  }

  #refreshed(method: string, response: SipResponse, asked: Asked | undefined): void {
    this.#dialog = refreshed(this.#dialog, response)
    this.#refreshing.answered(method, response, asked)
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

  /**
   * RFC 3261 §12.2.1.2: a peer that does not know the dialog, or does not answer, has ended it. After a session refresh
   * request it is told so (RFC 4028 §10): on its side the timer may have to run out.
   */
  #judge(method: string, { response, local }: Answer): void {
    const { status, reason } = response
    const gone = status === 481 || status === 408
    if (this.#over || !(gone || (local && status === 503))) return
    const text = `${method}: ${status} ${response.headers.get('Warning') ?? reason}`
    if (gone && isRefresh(method)) this.#abandon(text)
    else this.over({ by: 'failed', text })
  }

  async #flowFor(request: SipRequest): Promise<Flow | Answer> {
    try {
      return await this.#flow.to(nextHop(this.#dialog))
    } catch (thrown) {
      const error: PosternError = asPosternError(thrown, this.#flow.remote)
      return { response: localResponse(request, 503, error), local: true, error }
    }
  }

  /** The connection ended: the dialog goes on if the peer answers over a new one. */
  #lost(): void {
    if (!this.#over && this.#held === undefined && this.#leaving === undefined) void this.request('OPTIONS')
  }
}
