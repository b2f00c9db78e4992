import { contactOf, userOf } from './compose.ts'
import { later, respond, respondToEarlyUpdate, type Closable, type Core, type DialogUser } from './core.ts'
import { calleeDialog, dialogKey, refreshed } from './dialog/dialog.ts'
import type { Extra, IncomingCall, Reply, Session, SessionHandlers, Source } from './face.ts'
import type { SipRequest } from './message/message.ts'
import { tagOf } from './message/name-addr.ts'
import { DialogSession } from './session.ts'
import type { ServerTransaction } from './transaction/server.ts'

/** A call to us until its final response. */
export class Called implements IncomingCall, DialogUser, Closable {
  readonly callId: string
  readonly request: SipRequest
  readonly source: Source
  readonly #core: Core
  readonly #transaction: ServerTransaction
  readonly #contact: string
  readonly #key: string
  /** The latest target refresh of the early dialog. */
  #updated: SipRequest | undefined
  #session: DialogSession | undefined
  #cancelled = false
  #listener: (() => void) | undefined

  constructor(core: Core, transaction: ServerTransaction) {
    const { request, localTag, source, flow } = transaction
    this.#core = core
    this.#transaction = transaction
    this.request = request
    this.source = source
    this.callId = request.headers.get('Call-ID') ?? ''
    this.#contact = contactOf(flow, userOf(request.uri))
    this.#key = dialogKey(this.callId, localTag, tagOf(request.headers, 'From') ?? '')
    core.dialogs.set(this.#key, this)
    core.open.add(this)
    transaction.onAbandoned(() => this.#cancel())
  }

  progress(status: number, extra: Extra = {}): void {
    if (!this.#transaction.answered) respond(this.#core, this.#transaction, { ...extra, status }, this.#contact)
  }

  accept(extra: Extra, handlers?: SessionHandlers): Session {
    if (this.#session !== undefined) return this.#session
    const late = this.#transaction.answered
    const { flow, localTag } = this.#transaction
    const { product } = this.#core.order
    this.#close()
    const begun = calleeDialog(this.request, localTag, this.source, { contact: this.#contact, product })
    const dialog = this.#updated === undefined ? begun : refreshed(begun, this.#updated)
    this.#session = new DialogSession(this.#core, dialog, flow, 'callee', handlers)
    if (late) this.#session.over({ by: 'remote', text: 'the call was over before it was accepted' })
    else this.#session.begin(this.#transaction, extra)
    return this.#session
  }

  refuse(reply: Reply): void {
    this.#close()
    if (!this.#transaction.answered) respond(this.#core, this.#transaction, reply)
  }

  onCancel(listener: () => void): void {
    if (this.#cancelled) listener()
    else this.#listener = listener
  }

  /** Requests in the early dialog: a BYE ends the call as a CANCEL does (RFC 3261 §15.1.2). */
  receive(transaction: ServerTransaction): void {
    const { method } = transaction.request
    if (method === 'UPDATE') this.#update(transaction)
    else respond(this.#core, transaction, { status: method === 'BYE' ? 200 : 405 })
    if (method === 'BYE') this.#cancel()
  }

  acknowledge(): void {
    // An ACK before our final response acknowledges nothing.
  }

  finish(): Promise<unknown> {
    this.refuse({ status: 503 })
    return Promise.resolve()
  }

  drop(): void {
    this.#close()
  }

  #update(transaction: ServerTransaction): void {
    if (transaction.request.body.length === 0) this.#updated = transaction.request
    respondToEarlyUpdate(this.#core, transaction, later, this.#contact)
  }

  #cancel(): void {
    if (this.#cancelled || this.#transaction.answered) return
    this.#cancelled = true
    this.refuse({ status: 487 })
    this.#listener?.()
  }

  #close(): void {
    this.#core.open.delete(this)
    if (this.#core.dialogs.get(this.#key) === this) this.#core.dialogs.delete(this.#key)
  }
}
