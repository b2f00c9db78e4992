import { formatAddress, type Address } from '../kernel/address.ts'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { localResponse, responseTo } from './compose.ts'
import type { EndpointOrder, Hop, Reply } from './face.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import type { TransactionLayer } from './transaction/layer.ts'
import type { ServerTransaction } from './transaction/server.ts'
import type { Flow } from './transport/flow.ts'
import type { TransportLayer } from './transport/layer.ts'

/** Whoever takes the requests of one dialog. */
export interface DialogUser {
  receive(transaction: ServerTransaction): void
  acknowledge(ack: SipRequest): void
}

/** Whatever must be over before the endpoint is closed. */
export interface Closable {
  /** Ends it as the protocol wants; resolves when the peer has agreed. */
  finish(): Promise<unknown>
  /** Ends it now; no timer of it remains. */
  drop(): void
}

/** What the parts of one endpoint share. */
export interface Core {
  readonly order: EndpointOrder
  readonly transport: TransportLayer
  readonly transactions: TransactionLayer
  /** By dialogKey. */
  readonly dialogs: Map<string, DialogUser>
  readonly open: Set<Closable>
  /** Nothing new begins any more. */
  closing: boolean
}

/** A final response, and whether it was made here because none came. */
export interface Answer {
  readonly response: SipResponse
  readonly local: boolean
  readonly error?: PosternError
}

/** Sends a request other than INVITE and waits for its final response. Never rejects. */
export async function ask(core: Core, request: SipRequest, flow: Flow): Promise<Answer> {
  return new Promise((resolve) => {
    core.transactions.send(request, flow, {
      response: (response) => {
        if (response.status >= 200) resolve({ response, local: false })
      },
      failed: (status, error) => resolve(unanswered(core, request, flow, status, error)),
    })
  })
}

/** The answer to a request that could not be sent, or got none. A transport's failure becomes an event. */
export function unanswered(
  core: Core,
  request: SipRequest,
  { transport, remote }: Flow,
  status: 408 | 503,
  error: PosternError,
): Answer {
  if (status === 503) reportTransport(core, transport, remote, error)
  return { response: localResponse(request, status, error), local: true, error }
}

/** The flow to a hop. @throws PosternError, after the event that says so */
export async function flowTo(core: Core, hop: Hop, near?: Flow): Promise<Flow> {
  try {
    return await core.transport.flow(hop, near)
  } catch (thrown) {
    reportTransport(core, hop.transport, hop, thrown)
    throw asPosternError(thrown, hop)
  }
}

export function asPosternError(thrown: unknown, to: Address): PosternError {
  if (thrown instanceof PosternError) return thrown
  return new PosternError('network-connect', `${formatAddress(to)}: ${messageOf(thrown)}`, { cause: thrown })
}

/** Answers a request; To gets the tag of its transaction. */
export function respond({ order }: Core, transaction: ServerTransaction, reply: Reply, contact?: string): void {
  transaction.respond(composed(order.product, transaction, reply, contact))
}

/** Not now: another request of that kind is under way (RFC 3261 §14.2, RFC 3311 §5.2). */
export const later: Reply = { status: 500, headers: [{ name: 'Retry-After', value: '5' }] }

/** UPDATE in an early dialog; one with an offer has to wait for the answer to that of the INVITE (RFC 3311 §5.2). */
export function respondToEarlyUpdate(
  core: Core,
  transaction: ServerTransaction,
  pending: Reply,
  contact: string,
): void {
  if (transaction.request.body.length > 0) respond(core, transaction, pending)
  else respond(core, transaction, { status: 200 }, contact)
}

export function composed(
  product: string | undefined,
  { request, localTag: tag }: ServerTransaction,
  reply: Reply,
  contact?: string,
): SipResponse {
  return responseTo(request, reply, { tag, product, ...(contact === undefined ? {} : { contact }) })
}

/** What a service's handler answers; one that fails is a 500, never an exception in a receive path. */
export async function answerOf(handler: () => Promise<Reply>): Promise<Reply> {
  try {
    return await handler()
  } catch {
    return { status: 500 }
  }
}

function reportTransport(core: Core, transport: Flow['transport'], { host, port }: Address, error: unknown): void {
  if (core.closing) return
  core.order.emit({ type: 'sip.transport-error', transport, remote: { host, port }, text: messageOf(error) })
}
