import { createOofClient, type OofAnswer, type OofClientOrder } from '../../src/ews/client.ts'
import type { EwsEvent } from '../../src/ews/events.ts'
import { principals } from '../../src/ews/oauth/names.ts'
import { createExchange, type Exchange, type ExchangeConfig } from '../../src/exchange/exchange.ts'
import type { ExchangeEvent } from '../../src/exchange/events.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { HttpClient, HttpOrder, HttpReply } from '../../src/kernel/http.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { Mailboxes, StoredMail } from '../../src/kernel/store.ts'
import type { Identity } from '../../src/kernel/tls.ts'
import { rsaPair, selfSigned } from '../ews/identity.ts'

export const alice = 'alice@contoso.test'
export const wall = Date.UTC(2026, 6, 2, 12)

/** Slow to make, so once for a file: the authorization server's identity and the auth certificate's. */
export interface Identities {
  readonly authorizationServer: Identity
  readonly auth: Identity
  readonly otherAuth: Identity
}

export function makeIdentities(): Identities {
  const pair = rsaPair()
  const authPair = rsaPair()
  return {
    authorizationServer: selfSigned(pair, '01'),
    auth: selfSigned(authPair, '02'),
    otherAuth: selfSigned(authPair, '03'),
  }
}

/** Mailboxes in memory; `failing` makes the next deliveries to that mailbox fail. */
export interface TestMailboxes extends Mailboxes {
  failing: string | undefined
}

export function mailboxesInMemory(): TestMailboxes {
  const stored = new Map<string, Map<string, StoredMail>>()
  return {
    failing: undefined,
    deliver(mailbox, id, message) {
      if (this.failing === mailbox) return Promise.reject(new PosternError('store-failed', 'no space\r\nleft'))
      const box = stored.get(mailbox) ?? new Map<string, StoredMail>()
      stored.set(mailbox, box)
      if (box.has(id)) return Promise.resolve('duplicate')
      box.set(id, { name: `${box.size}`, message })
      return Promise.resolve('delivered')
    },
    list: (mailbox) => Promise.resolve([...(stored.get(mailbox)?.values() ?? [])]),
  }
}

export interface Contoso {
  readonly clock: ManualClock
  readonly exchange: Exchange
  readonly mailboxes: TestMailboxes
  readonly events: (ExchangeEvent | EwsEvent)[]
  readonly orders: HttpOrder[]
  readonly http: HttpClient
  /** A client of the exchange, as voicemail would have it. */
  client(change?: Partial<OofClientOrder>, realm?: 'to discover'): (smtp: string) => Promise<OofAnswer>
  post(path: string, headers: Record<string, string>, body: string | Uint8Array): Promise<HttpReply>
}

/** The exchange of Contoso with Alice and Bob, and an HTTP client that calls it without a wire. */
export function contoso(identities: Identities, change: Partial<ExchangeConfig> = {}): Contoso {
  const clock = new ManualClock(wall)
  const mailboxes = mailboxesInMemory()
  const events: (ExchangeEvent | EwsEvent)[] = []
  const orders: HttpOrder[] = []
  const emit = (event: ExchangeEvent | EwsEvent): void => {
    events.push(event)
  }
  const config: ExchangeConfig = {
    realm: 'contoso.test',
    host: 'mail.contoso.test',
    domains: ['contoso.test'],
    mailboxes: [
      { user: 'alice', displayName: 'Alice', extension: '1001' },
      { user: 'bob', displayName: 'Bob', extension: '1002' },
    ],
    ...change,
  }
  const { authorizationServer, auth } = identities
  const keys = { authorizationServer, authCertificate: auth.chain }
  const exchange = createExchange({ clock, random: seededRandom('exchange'), emit, mailboxes, config, keys })
  const http: HttpClient = async (order) => {
    orders.push(order)
    const { method, headers, body } = order
    const {
      status,
      headers: replied,
      body: content,
    } = await exchange.http({ method, path: new URL(order.url).pathname, headers, body })
    return { status, headers: replied, body: content instanceof Uint8Array ? content : new Uint8Array() }
  }
  const url = 'https://mail.contoso.test'
  return {
    clock,
    exchange,
    mailboxes,
    events,
    orders,
    http,
    client: (more = {}, realm) =>
      createOofClient({
        http,
        clock,
        random: seededRandom('client'),
        emit,
        tokenUrl: `${url}/contoso.test/tokens/OAuth/2`,
        ewsUrl: `${url}/EWS/Exchange.asmx`,
        ...(realm === 'to discover' ? {} : { realm: 'contoso.test' }),
        host: 'mail.contoso.test',
        application: { appId: principals.cloudVoicemail, signingKey: auth.key, certificate: auth.chain },
        ...more,
      }),
    post: (path, headers, body) => http({ method: 'POST', url: `${url}${path}`, headers, body: Buffer.from(body) }),
  }
}
