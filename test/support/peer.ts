import { Bus } from '../../src/kernel/bus.ts'
import type { Store } from '../../src/kernel/store.ts'
import type { Identity } from '../../src/kernel/tls.ts'
import type { Leg, LegPorts } from '../../src/call/leg.ts'
import type { LabEvent } from '../../src/lab/events.ts'
import { toPcm16 } from '../../src/media/wav.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import { createEndpoint } from '../../src/sip/endpoint.ts'
import type { Endpoint, Hop, IncomingCall, SessionHandlers, Transport } from '../../src/sip/face.ts'
import type { HeaderField } from '../../src/sip/message/headers.ts'
import { rfcTimers } from '../../src/sip/transaction/timers.ts'
import { answerLeg, considerOffer } from '../../src/call/answer.ts'
import { placeLeg, type Placed, type Placing } from '../../src/call/place.ts'
import type { World } from '../../src/lab/world.ts'
import { EventLog } from './event-log.ts'

export interface PeerOrder {
  readonly world: World
  readonly bind: string
  readonly transport: Transport
  readonly srtp?: boolean
  /** Host names that it knows. */
  readonly hosts?: Readonly<Record<string, string>>
  /** On TLS: the authority it trusts, and who it is. */
  readonly anchor?: string
  readonly identity?: Identity
  /** Our own name as others reach us. */
  readonly name?: string
  readonly product?: string
  /** Every call that comes; `calls` has them too. */
  readonly invite?: (call: IncomingCall) => void
}

export interface Placement {
  readonly from?: string
  readonly to?: string
  readonly headers?: readonly HeaderField[]
  readonly session?: SessionHandlers
  /** Status codes from 101 to 199 as they come. */
  readonly progress?: (status: number) => void
}

/** A station outside the lab that does what a test says. */
export class Peer {
  readonly endpoint: Endpoint
  readonly log: EventLog
  readonly ports: LegPorts
  readonly calls: IncomingCall[]
  readonly #order: PeerOrder
  readonly #waiting: ((call: IncomingCall) => void)[]
  readonly #store: Store
  #heard = 0

  private constructor(order: PeerOrder, endpoint: Endpoint, log: EventLog, ports: LegPorts, shared: Shared) {
    this.#order = order
    this.endpoint = endpoint
    this.log = log
    this.ports = ports
    this.calls = shared.calls
    this.#waiting = shared.waiting
    this.#store = shared.store
  }

  static async open(order: PeerOrder): Promise<Peer> {
    const { world, bind, transport, hosts = {}, anchor = '', identity } = order
    const process = world.process(`peer ${bind}`, bind)
    const { clock, random } = process
    const bus = new Bus<LabEvent>(clock)
    const log = new EventLog(bus)
    const emit = bus.from('peer')
    const resolver = hostsResolver(hosts)
    const network = process.network(emit, resolver)
    const shared: Shared = { calls: [], waiting: [], store: process.store('heard') }
    const media = await process.media('heard', emit)
    const names = 'rfc5922'
    const tls =
      transport === 'tls' && identity !== undefined
        ? { tls: { identity, anchors: [anchor], names, clientCertificate: 'required' } as const }
        : {}
    const face = {
      bind: { host: bind, port: 0 },
      ...(order.name === undefined ? {} : { advertised: { host: order.name } }),
    }
    const listeners = transport === 'tls' && identity === undefined ? [] : [{ transport, face, ...tls }]
    const endpoint = await createEndpoint({
      network,
      resolver,
      clock,
      random,
      emit,
      timers: rfcTimers,
      listeners,
      tlsClient: { anchors: [anchor], names, ...(identity === undefined ? {} : { identity }) },
      ...(order.product === undefined ? {} : { product: order.product }),
      handlers: {
        invite(call) {
          shared.calls.push(call)
          if (order.invite !== undefined) order.invite(call)
          shared.waiting.shift()?.(call)
        },
        request: () => Promise.resolve({ status: 200 }),
      },
    })
    const capabilities = { encodings: ['PCMU', 'PCMA'], srtp: order.srtp === true ? 'required' : 'none' } as const
    return new Peer(order, endpoint, log, { media, random, open: { bind }, capabilities }, shared)
  }

  /** Another station like this one, elsewhere and with another certificate. */
  sibling(bind: string, identity: Identity): Promise<Peer> {
    return Peer.open({ ...this.#order, bind, identity })
  }

  get port(): number {
    return this.endpoint.listening[0]?.bound.port ?? 0
  }

  /** The next call that comes. */
  nextCall(): Promise<IncomingCall> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  place(to: string, hop: Hop, { from = 'sip:dora@peer.test', progress, ...more }: Placement = {}): Promise<Placing> {
    const uri = `sip:${to}@${hop.host}`
    const told = progress === undefined ? {} : { progress: ({ status }: { status: number }) => progress(status) }
    return placeLeg(this.endpoint, { uri, hop, from, to: `<${uri}>`, ...told, ...more }, this.ports)
  }

  async call(to: string, hop: Hop, placement: Placement = {}): Promise<Placed> {
    return (await this.place(to, hop, placement)).placed
  }

  /** Calls, and expects an answer. */
  async talk(to: string, hop: Hop, placement: Placement = {}): Promise<Leg> {
    const placed = await this.call(to, hop, placement)
    if (placed.type === 'answered') return placed.leg
    throw new Error(placed.type === 'unusable' ? placed.error.message : `refused: ${placed.response.status}`)
  }

  /** Answers a call that came, with sound. */
  async answer(call: IncomingCall, handlers: SessionHandlers = {}): Promise<Leg> {
    const considered = considerOffer(call, this.ports)
    if ('status' in considered) throw new Error(`the offer was not acceptable: ${considered.status}`)
    const leg = await answerLeg(call, considered, this.ports, handlers)
    if (leg === 'cancelled' || 'status' in leg) throw new Error('the call was not answered')
    return leg
  }

  /** All that a leg hears from now to its end, PCM16 mono at 8 kHz. */
  async hear(leg: Leg): Promise<Int16Array> {
    const name = `heard-${++this.#heard}.pcm`
    await leg.media.record({ name }).finished
    return toPcm16((await this.#store.read(name)) ?? new Uint8Array())
  }

  async close(): Promise<void> {
    await this.endpoint.close()
    await this.ports.media.close()
  }
}

interface Shared {
  readonly calls: IncomingCall[]
  readonly waiting: ((call: IncomingCall) => void)[]
  readonly store: Store
}
