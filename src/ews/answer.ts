import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import type { HttpClient, HttpReply } from '../kernel/http.ts'
import { messageOf } from '../kernel/errors.ts'
import type { Random } from '../kernel/random.ts'
import type { TlsClient } from '../kernel/tls.ts'
import type { EwsEvent } from './events.ts'
import type { Pending } from './oauth/jws.ts'
import type { OofSettings } from './oof.ts'

export interface OofClientOrder {
  readonly http: HttpClient
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit<EwsEvent>
  /** The authorization server's token endpoint; `{realm}` in it is replaced by the realm. */
  readonly tokenUrl: string
  /** As in `https://mail.contoso.test/EWS/Exchange.asmx`. */
  readonly ewsUrl: string
  /** Asked of Exchange by an empty Bearer when left out. */
  readonly realm?: string
  /** Host name of Exchange as tokens name it. */
  readonly host: string
  readonly application: {
    readonly appId: string
    /** PEM of the key of `certificate`. */
    readonly signingKey: string
    /** PEM of the auth certificate. */
    readonly certificate: string
  }
  readonly tls?: TlsClient
  /** In place of the audience that realm and host make. */
  readonly audience?: string
  /** ms for one question from beginning to end, token and all; 5000 when left out. */
  readonly timeoutMs?: number
  readonly pending?: Pending
}

/** The out-of-office state, or who did not tell it and why. */
export type OofAnswer = { readonly known: true; readonly active: boolean; readonly settings: OofSettings } | OofUnknown

export interface OofUnknown {
  readonly known: false
  readonly refusedBy: 'authorization-server' | 'ews' | 'unreachable'
  readonly status?: number
  /** x-ms-diagnostics as it came. */
  readonly diagnostics?: string
  /** One sentence. */
  readonly text: string
}

type Purpose = Extract<EwsEvent, { type: 'ews.request' }>['purpose']

export interface Question {
  readonly purpose: Purpose
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const isUnknown = (value: object): value is OofUnknown => 'known' in value && value.known === false

/** One POST; whatever prevents an answer becomes `unreachable`. */
export async function ask(order: OofClientOrder, question: Question): Promise<HttpReply | OofUnknown> {
  const { purpose, url, headers } = question
  const request = { type: 'ews.request', purpose, method: 'POST', url } as const
  try {
    const reply = await order.http({
      method: 'POST',
      url,
      headers,
      body: Buffer.from(question.body),
      timeoutMs: order.timeoutMs ?? defaultTimeoutMs,
      ...(order.tls === undefined ? {} : { tls: order.tls }),
    })
    order.emit({ ...request, status: reply.status })
    return reply
  } catch (thrown) {
    order.emit({ ...request, text: messageOf(thrown) })
    return { known: false, refusedBy: 'unreachable', text: messageOf(thrown) }
  }
}

export const defaultTimeoutMs = 5000

/** The first value of a header. */
export function header(reply: HttpReply, name: string): string | undefined {
  return [reply.headers[name] ?? []].flat()[0]
}
