import { setImmediate } from 'node:timers/promises'
import type { Address, Face } from '../../src/kernel/address.ts'
import { ManualClock, type Clock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { createEndpoint } from '../../src/sip/endpoint.ts'
import type { SipEvent } from '../../src/sip/events.ts'
import type {
  Endpoint,
  EndpointHandlers,
  Hop,
  IncomingCall,
  InviteOrder,
  ListenerOrder,
  SessionTimerOrder,
  Transport,
} from '../../src/sip/face.ts'
import { rfcTimers } from '../../src/sip/transaction/timers.ts'
import { MemoryNetwork } from '../support/memory-network.ts'

const tls = {
  identity: { chain: '', key: '' },
  anchors: [],
  names: 'rfc5922',
  clientCertificate: 'required',
} as const

/** A clock that knows how many timers wait. */
class CountedClock implements Clock {
  readonly manual = new ManualClock()
  readonly waiting = new Set<{ readonly at: number }>()

  now(): number {
    return this.manual.now()
  }

  wall(): number {
    return this.manual.wall()
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.now() + ms }
    this.waiting.add(entry)
    const cancel = this.manual.after(ms, () => {
      this.waiting.delete(entry)
      task()
    })
    return () => {
      this.waiting.delete(entry)
      cancel()
    }
  }
}

export interface Station {
  readonly endpoint: Endpoint
  readonly calls: IncomingCall[]
  readonly events: SipEvent[]
  /** The latest call that came. */
  call(): IncomingCall
}

export interface StationOrder extends Partial<EndpointHandlers> {
  readonly listeners?: readonly ListenerOrder[]
  readonly product?: string
  readonly sessionTimer?: SessionTimerOrder
}

/** Endpoints on one wire in memory, under a clock that is moved by hand. */
export class Stage {
  readonly clock = new CountedClock()
  readonly network = new MemoryNetwork()
  /** Every message sent, as `500 alice INVITE` or `500 bob 180`. */
  readonly ladder: string[] = []
  readonly names = new Map<string, string>()

  /** Opens an endpoint. Without `listeners`: UDP and TCP on port 5060 of its host. */
  async station(name: string, host: string, { listeners, ...more }: StationOrder = {}): Promise<Station> {
    const calls: IncomingCall[] = []
    const events: SipEvent[] = []
    const endpoint = await createEndpoint({
      network: this.network,
      resolver: { address: (wanted) => Promise.resolve(this.names.get(wanted)) },
      clock: this.clock,
      random: seededRandom(name),
      emit: (event) => {
        events.push(event)
        if (event.type === 'sip.message' && event.direction === 'out') this.ladder.push(this.#rung(name, event.title))
      },
      timers: rfcTimers,
      listeners: listeners ?? [listener('udp', host), listener('tcp', host)],
      tlsClient: { anchors: [], names: 'rfc5922' },
      ...(more.product === undefined ? {} : { product: more.product }),
      ...(more.sessionTimer === undefined ? {} : { sessionTimer: more.sessionTimer }),
      handlers: {
        invite: more.invite ?? ((call) => void calls.push(call)),
        request: more.request ?? (() => Promise.resolve({ status: 200 })),
      },
    })
    const call = (): IncomingCall => {
      const latest = calls.at(-1)
      if (latest === undefined) throw new Error('no call came')
      return latest
    }
    return { endpoint, calls, events, call }
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await setImmediate()
  }

  /** Lets `ms` pass, and what is sent in it arrive. */
  async pass(ms: number): Promise<void> {
    await this.settle()
    for (let left = ms; left > 0; left -= 50) {
      this.clock.manual.advance(Math.min(50, left))
      await setImmediate()
    }
    await this.settle()
  }

  /** Lets hours pass, from one timer to the next: what is sent at one has arrived before the next. */
  async leap(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    await this.settle()
    while (this.clock.now() < end) {
      const next = Math.min(end, ...[...this.clock.waiting].map(({ at }) => at))
      this.clock.manual.advance(next - this.clock.now())
      await this.settle()
    }
  }

  /** Closes an endpoint, letting time pass until it is closed. */
  async close(...stations: readonly Station[]): Promise<void> {
    const state = { open: true }
    const closing = Promise.all(stations.map(({ endpoint }) => endpoint.close())).then(() => (state.open = false))
    await this.settle()
    for (let i = 0; i < 20 && state.open; i++) await this.pass(500)
    await closing
  }

  #rung(name: string, title: string): string {
    return `${this.clock.now()} ${name} ${title.split(' ')[0] ?? ''}`
  }
}

export function listener(transport: Transport, host: string, advertised?: Face['advertised']): ListenerOrder {
  const bind: Address = { host, port: transport === 'tls' ? 5061 : 5060 }
  const face = { bind, ...(advertised === undefined ? {} : { advertised }) }
  return { transport, face, ...(transport === 'tls' ? { tls } : {}) }
}

export function hop(transport: Transport, host: string, port = transport === 'tls' ? 5061 : 5060): Hop {
  return { transport, host, port }
}

/** A call from alice to bob at a hop. */
export function toBob(to: Hop, more: Partial<InviteOrder> = {}): InviteOrder {
  return {
    uri: `sip:bob@${to.host}`,
    hop: to,
    from: '"Alice" <sip:alice@example.com>',
    to: '<sip:bob@example.com>',
    contactUser: 'alice',
    body: { type: 'application/sdp', bytes: Buffer.from('v=0\r\n') },
    ...more,
  }
}

/** The text of the messages that a station sent or received and whose title begins so. */
export function texts({ events }: Station, direction: 'in' | 'out', title: string): string[] {
  return events.flatMap((event) =>
    event.type === 'sip.message' && event.direction === direction && event.title.startsWith(title) ? [event.text] : [],
  )
}

/** One header of a message in text. */
export function headerOf(text: string, name: string): string | undefined {
  return text
    .split('\r\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2)
}
