import type { HttpRequest, HttpResponse } from '../kernel/http.ts'

/** A response, and what the event about it says. */
export interface Answer {
  readonly response: HttpResponse
  readonly diagnostics?: string
}

type Headers = HttpResponse['headers']

export function response(status: number, body: string, headers: Headers = {}): HttpResponse {
  return { status, headers, body: Buffer.from(body) }
}

export function json(status: number, body: string, headers: Headers = {}): HttpResponse {
  return response(status, body, { 'content-type': 'application/json; charset=utf-8', ...headers })
}

/** Largest request body, in bytes. */
const largestBody = 256 * 1024

export type Route =
  | { readonly to: 'token'; readonly realm: string }
  | { readonly to: 'ews' }
  | { readonly to: 'metadata' }
  | { readonly to: 'nowhere'; readonly status: number }

/** Where a request goes by path, method and size. Paths are compared as IIS does, without case. */
export function route({ method, path, body }: HttpRequest): Route {
  const plain = path.split('?')[0] ?? ''
  if (body.length > largestBody) return { to: 'nowhere', status: 413 }
  if (/^\/EWS\/Exchange\.asmx$/i.test(plain)) return { to: 'ews' }
  if (/^\/autodiscover\/metadata\/json\/1$/i.test(plain)) {
    return method === 'GET' ? { to: 'metadata' } : { to: 'nowhere', status: 405 }
  }
  const realm = /^\/([^/]+)\/tokens\/OAuth\/2$/i.exec(plain)?.[1]
  if (realm === undefined) return { to: 'nowhere', status: 404 }
  return method === 'POST' ? { to: 'token', realm: decoded(realm) } : { to: 'nowhere', status: 405 }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
