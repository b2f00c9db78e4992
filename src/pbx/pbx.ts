import type { LegPorts } from '../call/leg.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { createEndpoint } from '../sip/endpoint.ts'
import type { Endpoint, EndpointOrder, Hop, Reply } from '../sip/face.ts'
import type { PbxEvent } from './events.ts'
import type { Extension } from './extension.ts'
import { Switchboard } from './switchboard.ts'

export interface PbxOrder extends LegPorts {
  readonly sip: Omit<EndpointOrder, 'handlers'>
  readonly clock: Clock
  readonly emit: Emit<PbxEvent>
  /** The host that stands in the URIs of our extensions. */
  readonly domain: string
  readonly extensions: readonly Extension[]
  readonly trunk: Trunk
}

/** The way to voicemail: the pilot number, and the SBC that carries calls to it. */
export interface Trunk {
  readonly pilot: string
  readonly hop: Hop
}

export interface Pbx {
  readonly endpoint: Endpoint
  close(): Promise<void>
}

/** The mock PBX: extensions that ring, answer or are busy, and forwarding to the voicemail pilot over a trunk. */
export async function createPbx(order: PbxOrder): Promise<Pbx> {
  const switchboard = new Switchboard(order, () => endpoint)
  const endpoint: Endpoint = await createEndpoint({
    ...order.sip,
    handlers: {
      invite: (call) => switchboard.receive(call),
      request: (request) => Promise.resolve<Reply>(request.method === 'OPTIONS' ? { status: 200 } : notAllowed),
    },
  })
  return {
    endpoint,
    close() {
      switchboard.close()
      return endpoint.close()
    },
  }
}

const notAllowed: Reply = {
  status: 405,
  headers: [{ name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE' }],
}
