import { once } from 'node:events'
import type { Address } from '../../src/kernel/address.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import type { Listener, Network, Stream, StreamHandlers } from '../../src/kernel/network.ts'
import type { Identity, TlsClient, TlsServer } from '../../src/kernel/tls.ts'
import type { NetworkOptions } from '../../src/net/context.ts'
import type { NetEvent } from '../../src/net/events.ts'
import { createNetwork } from '../../src/net/network.ts'
import type { WireTap } from '../../src/net/tap.ts'
import { issue, type IssueOrder } from '../../src/pki/authority.ts'
import { buildCertificate } from '../../src/pki/builder.ts'
import { type Flaw, issueFlawed } from '../../src/pki/flaws.ts'
import { now, type Office } from '../pki/certificates.ts'

export const anyPort: Address = { host: '127.0.0.1', port: 0 }

/** One end's view of a stream: what came, how it ended. */
export class Ear implements StreamHandlers {
  text = ''
  over = false
  error: Error | undefined
  readonly #waiting = new Set<() => void>()

  data(bytes: Uint8Array): void {
    this.text += Buffer.from(bytes).toString()
    this.#tell()
  }

  closed(error?: Error): void {
    if (this.over) throw new Error('closed was called twice')
    this.over = true
    this.error = error
    this.#tell()
  }

  /** Resolves once `text` has come. */
  heard(text: string): Promise<void> {
    return this.#until(() => this.text.includes(text))
  }

  /** Resolves once it is over, with the error. */
  async end(): Promise<Error | undefined> {
    await this.#until(() => this.over)
    return this.error
  }

  #tell(): void {
    for (const check of [...this.#waiting]) check()
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }
}

/** Knows how many timers are still to come. */
class CountingClock extends ManualClock {
  pending = 0

  override after(ms: number, task: () => void): () => void {
    let due = true
    const settle = (): void => {
      if (due) this.pending--
      due = false
    }
    this.pending++
    const cancel = super.after(ms, () => {
      settle()
      task()
    })
    return () => {
      settle()
      cancel()
    }
  }
}

/** A network under a manual clock that stands at the certificates' present, and what it said. */
export class Wire {
  readonly clock = new CountingClock(now)
  readonly events: NetEvent[] = []
  readonly taps: WireTap[] = []
  readonly accepted: { stream: Stream; ear: Ear }[] = []
  readonly network: Network
  readonly #listeners: { close(): Promise<void> }[] = []
  readonly #emitter = new EventTarget()

  constructor(more: Partial<NetworkOptions> = {}) {
    this.network = createNetwork({
      clock: this.clock,
      emit: (event) => {
        this.events.push(event)
        this.#emitter.dispatchEvent(new Event(event.type))
      },
      tap: (write) => this.taps.push(write),
      ...more,
    })
  }

  /** Listens, answers whatever it hears with `200 <text>`, and closes with the test. */
  async listen(tls?: TlsServer, at = anyPort): Promise<Listener> {
    const accept = (stream: Stream): StreamHandlers => {
      const ear = new Ear()
      this.accepted.push({ stream, ear })
      this.#emitter.dispatchEvent(new Event('accepted'))
      return {
        data(bytes) {
          ear.data(bytes)
          stream.write(Buffer.concat([Buffer.from('200 '), bytes]))
        },
        closed: (error) => ear.closed(error),
      }
    }
    return this.toClose(await this.network.listen(at, accept, tls))
  }

  async firstAccepted(): Promise<{ stream: Stream; ear: Ear }> {
    if (this.accepted.length === 0) await once(this.#emitter, 'accepted')
    return this.accepted[0]!
  }

  toClose<T extends { close(): Promise<void> }>(listener: T): T {
    this.#listeners.push(listener)
    return listener
  }

  /** The first event of a type, when it comes. */
  async event<T extends NetEvent['type']>(type: T): Promise<Extract<NetEvent, { type: T }>> {
    const find = () => this.events.find((event): event is Extract<NetEvent, { type: T }> => event.type === type)
    if (find() === undefined) await once(this.#emitter, type)
    return find()!
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }
}

/** The TLS settings of both ends over one office. */
export class Papers {
  readonly #office: Office

  constructor(office: Office) {
    this.#office = office
  }

  good(more: Partial<IssueOrder> = {}): Identity {
    return issue(this.#office.authority, { ...this.#office.order, ...more })
  }

  flawed(flaw: Flaw): Identity {
    return issueFlawed(flaw, this.#office.authority, this.#office.order)
  }

  server(more: Partial<TlsServer> = {}): TlsServer {
    return {
      anchors: [this.#office.authority.certificate],
      names: 'rfc5922',
      identity: this.good(),
      clientCertificate: 'required',
      ...more,
    }
  }

  client(more: Partial<TlsClient> = {}): TlsClient {
    return {
      anchors: [this.#office.authority.certificate],
      names: 'rfc5922',
      identity: this.good(),
      serverName: 'sbc.example',
      ...more,
    }
  }

  /** Leaf and intermediate, as a chain sent without its root. */
  behindIntermediate(): Identity {
    const { authority, keys, order } = this.#office
    const dates = { notBefore: order.notBefore, notAfter: order.notAfter, serial: order.serial }
    const publicKey = keys.publicKey
    const above = { subject: 'Middle', issuer: authority.name, publicKey, signer: authority.key, authority: true }
    const below = issue({ name: 'Middle', certificate: '', key: keys.privateKey }, order)
    return { chain: below.chain + buildCertificate({ ...dates, ...above }), key: below.key }
  }

  /** A client that shows no certificate. */
  anonymous(): TlsClient {
    return { anchors: [this.#office.authority.certificate], names: 'rfc5922', serverName: 'sbc.example' }
  }
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (thrown) {
    if (thrown instanceof Error) return thrown
  }
  throw new Error('expected a rejection')
}
