import { considerOffer, textOf } from '../call/answer.ts'
import type { LegPorts } from '../call/leg.ts'
import type { Emit } from '../kernel/bus.ts'
import { createEndpoint } from '../sip/endpoint.ts'
import type { Endpoint, EndpointHandlers, EndpointOrder, Hop, IncomingCall, Reply } from '../sip/face.ts'
import { parseUri } from '../sip/message/uri.ts'
import { bridge } from './bridge.ts'
import type { SbcEvent } from './events.ts'

/** One realm of the SBC: its listeners, its media and the name by which that side knows it. */
export interface Realm {
  readonly sip: Omit<EndpointOrder, 'handlers'>
  readonly legs: LegPorts
  /** The host in every URI that we send into this realm. */
  readonly host: string
}

export interface SbcOrder {
  readonly emit: Emit<SbcEvent>
  readonly inside: Realm
  readonly outside: Realm
  readonly routes: readonly Route[]
}

/** Numbers that begin with `prefix` go to `hop` in a realm; the first that fits is taken. */
export interface Route {
  readonly prefix: string
  readonly to: 'inside' | 'outside'
  /** Asked at each call: a lab's ports are known only once all its roles stand. */
  readonly hop: () => Hop
}

export interface Sbc {
  readonly inside: Endpoint
  readonly outside: Endpoint
  close(): Promise<void>
}

/** The border element: a back-to-back user agent between two realms, with the media of every call relayed. */
export async function createSbc(order: SbcOrder): Promise<Sbc> {
  const endpoints = new Map<'inside' | 'outside', Endpoint>()
  const handlers = (from: 'inside' | 'outside'): EndpointHandlers => ({
    invite: (call) => route(order, endpoints, from, call),
    request: (request) =>
      Promise.resolve<Reply>(request.method === 'OPTIONS' ? { status: 200 } : { status: 405, headers: allow }),
  })
  const inside = await createEndpoint({ ...order.inside.sip, handlers: handlers('inside') })
  endpoints.set('inside', inside)
  const outside = await createEndpoint({ ...order.outside.sip, handlers: handlers('outside') })
  endpoints.set('outside', outside)
  return {
    inside,
    outside,
    async close() {
      await Promise.all([inside.close(), outside.close()])
    },
  }
}

const allow = [{ name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE' }]

function route(
  order: SbcOrder,
  endpoints: ReadonlyMap<'inside' | 'outside', Endpoint>,
  from: 'inside' | 'outside',
  call: IncomingCall,
): void {
  const refuse = (reply: Reply, text: string): void => {
    order.emit({ type: 'sbc.refused', callId: call.callId, status: reply.status, text })
    call.refuse(reply)
  }
  const { peer } = call.source
  if (peer !== undefined && peer.verdict !== 'trusted') {
    refuse({ status: 403 }, peer.text ?? 'the peer proved no name that we know')
    return
  }
  const number = parseUri(call.request.uri)?.user ?? ''
  const found = order.routes.find((r) => number.startsWith(r.prefix))
  const endpoint = found && endpoints.get(found.to)
  if (found === undefined || endpoint === undefined) {
    refuse({ status: 404 }, `no route for ${number}`)
    return
  }
  const considered = considerOffer(call, order[from].legs)
  if ('status' in considered) {
    refuse(considered, textOf(considered))
    return
  }
  void bridge({
    call,
    considered,
    number,
    route: found,
    endpoint,
    near: order[from],
    far: order[found.to],
    emit: order.emit,
  })
}
