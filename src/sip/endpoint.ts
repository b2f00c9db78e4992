import { contactOf, localResponse, newCallId, newTag, requestOf, responseTo } from './compose.ts'
import { asPosternError, ask, flowTo, type Closable, type Core, type DialogUser } from './core.ts'
import { deferred } from './deferred.ts'
import type { Endpoint, EndpointOrder, InviteOrder, Listening, OutgoingCall, RequestOrder } from './face.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import { withTag } from './message/name-addr.ts'
import { Calling } from './outgoing-call.ts'
import { acknowledged, serve } from './serve.ts'
import { TransactionLayer } from './transaction/layer.ts'
import type { ServerTransaction } from './transaction/server.ts'
import type { Flow } from './transport/flow.ts'
import { TransportLayer } from './transport/layer.ts'
import { markReceived, replyAddress } from './transport/via.ts'
import type { Malformed, Wire } from './transport/wire.ts'

/**
 * Opens an endpoint: its listeners stand when it resolves.
 * @throws PosternError network-listen
 */
export async function createEndpoint(order: EndpointOrder): Promise<Endpoint> {
  const late: { running?: RunningEndpoint } = {}
  const transactions = new TransactionLayer(order, {
    request: (transaction) => late.running?.serve(transaction),
    ack: (ack) => late.running?.acknowledge(ack),
  })
  const wire: Wire = {
    emit: order.emit,
    receive: (message, flow) => transactions.receive(message, flow),
    malformed: (fault, flow) => refuseMalformed(order, fault, flow),
  }
  const transport = await TransportLayer.open(order, wire)
  late.running = new RunningEndpoint({
    order,
    transport,
    transactions,
    dialogs: new Map<string, DialogUser>(),
    open: new Set<Closable>(),
    closing: false,
  })
  return late.running
}

class RunningEndpoint implements Endpoint {
  readonly #core: Core
  #closing: Promise<void> | undefined

  constructor(core: Core) {
    this.#core = core
  }

  get listening(): readonly Listening[] {
    return this.#core.transport.listening
  }

  invite(order: InviteOrder): OutgoingCall {
    return new Calling(this.#core, order)
  }

  async request(order: RequestOrder): Promise<SipResponse> {
    const identity = { tag: newTag(this.#core.order.random), callId: newCallId(this.#core.order.random) }
    try {
      const flow = await flowTo(this.#core, order.hop)
      const { response } = await ask(this.#core, this.#outside(order, identity, flow), flow)
      return response
    } catch (thrown) {
      return localResponse(this.#outside(order, identity), 503, asPosternError(thrown, order.hop))
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  serve(transaction: ServerTransaction): void {
    serve(this.#core, transaction)
  }

  acknowledge(ack: SipRequest): void {
    acknowledged(this.#core, ack)
  }

  #outside(order: RequestOrder, { tag, callId }: { tag: string; callId: string }, flow?: Flow): SipRequest {
    const { method, uri, to, contactUser } = order
    const withContact = flow !== undefined && method !== 'MESSAGE'
    return requestOf(
      {
        method,
        uri,
        from: withTag(order.from, tag),
        to,
        callId,
        cseq: 1,
        product: this.#core.order.product,
        ...(withContact ? { contact: contactOf(flow, contactUser) } : {}),
      },
      order,
    )
  }

  async #close(): Promise<void> {
    const { open, order, transactions, transport } = this.#core
    this.#core.closing = true
    const waited = deferred<undefined>()
    const cancel = order.clock.after(order.timers.byeAnswer + order.timers.t2, () => waited.resolve(undefined))
    await Promise.race([finished(open), waited.promise])
    cancel()
    for (const each of [...open]) each.drop()
    transactions.close()
    await transport.close()
  }
}

/** A call that ends may leave a session to be ended after it. */
async function finished(open: ReadonlySet<Closable>): Promise<void> {
  while (open.size > 0) await Promise.all([...open].map((each) => each.finish()))
}

/** What cannot be read is one event, and a 400 where it was a request that says whom to answer. */
function refuseMalformed({ emit, product }: EndpointOrder, { reason, offset, request }: Malformed, flow: Flow): void {
  const { transport, local, remote } = flow
  emit({ type: 'sip.malformed', transport, local, remote, reason, offset })
  if (request === undefined || request.method === 'ACK') return
  const marked = markReceived(request, remote)
  const response = responseTo(marked, { status: 400, reason: `Bad Request (${reason})` }, { product })
  flow.toward(replyAddress(marked, flow)).send(response)
}
