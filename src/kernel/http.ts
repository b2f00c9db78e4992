import type { TlsClient } from './tls.ts'

export interface HttpRequest {
  readonly method: string
  /** Path with query, as in `/EWS/Exchange.asmx`. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface HttpResponse {
  readonly status: number
  /** A header that stands several times (WWW-Authenticate) is a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** An iterable is sent piece by piece as it comes (server-sent events). */
  readonly body: Uint8Array | AsyncIterable<string>
}

/** What a role exports to be hosted. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>

/** A response as a client reads it: the body whole. */
export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Uint8Array
}

export interface HttpOrder extends Omit<HttpRequest, 'path'> {
  /** Absolute http: or https: URL. */
  readonly url: string
  readonly tls?: TlsClient
  readonly timeoutMs?: number
}

/** @throws PosternError network-connect, tls-refused, tls-refused-by-peer */
export type HttpClient = (order: HttpOrder) => Promise<HttpReply>
