import type { Emit } from '../../kernel/bus.ts'
import type { Clock } from '../../kernel/clock.ts'
import { PosternError } from '../../kernel/errors.ts'
import { token, type Random } from '../../kernel/random.ts'
import { newTag, responseTo } from '../compose.ts'
import type { SipEvent } from '../events.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { tagOf } from '../message/name-addr.ts'
import type { Flow } from '../transport/flow.ts'
import { magicCookie, markReceived, withVia } from '../transport/via.ts'
import { ClientTransaction, type ClientUser } from './client.ts'
import { clientKey, mergedKey, serverKey } from './matching.ts'
import { ServerTransaction } from './server.ts'
import type { TimerTable } from './timers.ts'

export interface TransactionOrder {
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit<SipEvent>
  readonly timers: TimerTable
  readonly product?: string
}

/** What the layer hands up. */
export interface TransactionUser {
  /** A new request: not ACK, not CANCEL, no repeat. 100 has gone out to an INVITE. */
  request(transaction: ServerTransaction): void
  /** An ACK to a 2xx. */
  ack(request: SipRequest): void
}

/** Every transaction of one endpoint (RFC 3261 §17), found by what a message carries. */
export class TransactionLayer {
  readonly #order: TransactionOrder
  readonly #user: TransactionUser
  readonly #clients = new Map<string, ClientTransaction>()
  readonly #servers = new Map<string, ServerTransaction>()
  readonly #merged = new Map<string, ServerTransaction>()
  #closed = false

  constructor(order: TransactionOrder, user: TransactionUser) {
    this.#order = order
    this.#user = user
  }

  /** A branch no other transaction has. */
  branch(): string {
    return `${magicCookie}${token(this.#order.random)}`
  }

  /** Begins a client transaction; a Via of ours is put on top, but for a CANCEL, which has that of its INVITE. */
  send(request: SipRequest, flow: Flow, user: ClientUser): ClientTransaction {
    const sent = request.method === 'CANCEL' ? request : withVia(request, flow, this.branch())
    const key = clientKey(sent)
    const transaction = new ClientTransaction(sent, flow, user, {
      ...this.#order,
      ended: (timedOut) => {
        if (timedOut) this.#timeout(request)
        this.#clients.delete(key)
      },
    })
    this.#clients.set(key, transaction)
    if (this.#closed) queueMicrotask(() => transaction.end(503, closing()))
    return transaction
  }

  receive(message: SipMessage, flow: Flow): void {
    if (message.type === 'response') this.#clients.get(clientKey(message))?.receive(message)
    else if (!this.#closed) this.#request(markReceived(message, flow.remote), flow)
  }

  /** Ends all of them: whoever waits for an answer is told 503, and no timer remains. */
  close(): void {
    this.#closed = true
    for (const client of [...this.#clients.values()]) client.end(503, closing())
    for (const server of [...this.#servers.values()]) server.end()
  }

  #request(request: SipRequest, flow: Flow): void {
    const known = this.#servers.get(serverKey(request))
    if (known !== undefined) known.repeat(request)
    else if (request.method === 'ACK') this.#user.ack(request)
    else if (request.method === 'CANCEL') this.#cancel(request, flow)
    else this.#begin(request, flow)
  }

  #begin(request: SipRequest, flow: Flow): void {
    const merged = tagOf(request.headers, 'To') === undefined && this.#merged.has(mergedKey(request))
    const transaction = this.#open(request, flow, newTag(this.#order.random))
    if (merged) this.#answer(transaction, 482)
    else {
      if (request.method === 'INVITE') this.#answer(transaction, 100)
      this.#user.request(transaction)
    }
  }

  /** RFC 3261 §9.2. */
  #cancel(request: SipRequest, flow: Flow): void {
    const cancelled = this.#servers.get(serverKey(request, 'INVITE'))
    const transaction = this.#open(request, flow, cancelled?.localTag ?? newTag(this.#order.random))
    this.#answer(transaction, cancelled === undefined ? 481 : 200)
    cancelled?.cancel()
  }

  #open(request: SipRequest, flow: Flow, localTag: string): ServerTransaction {
    const key = serverKey(request)
    const merged = mergedKey(request)
    const notices = {
      ack: (ack: SipRequest) => this.#user.ack(ack),
      timeout: () => this.#timeout(request),
      ended: () => {
        this.#servers.delete(key)
        if (this.#merged.get(merged) === transaction) this.#merged.delete(merged)
      },
    }
    const transaction = new ServerTransaction(request, flow, localTag, { ...this.#order, notices })
    this.#servers.set(key, transaction)
    if (!this.#merged.has(merged)) this.#merged.set(merged, transaction)
    return transaction
  }

  #answer(transaction: ServerTransaction, status: number): void {
    const response: SipResponse = responseTo(
      transaction.request,
      { status },
      { tag: transaction.localTag, product: this.#order.product },
    )
    transaction.respond(response)
  }

  #timeout({ method, headers }: SipRequest): void {
    this.#order.emit({ type: 'sip.timeout', method, callId: headers.get('Call-ID') ?? '' })
  }
}

const closing = (): PosternError => new PosternError('network-closed', 'the endpoint was closed')
