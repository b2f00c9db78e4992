import { request as sendRequest, type IncomingMessage } from 'node:http'
import { formatAddress, type Address } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { PosternError } from '../kernel/errors.ts'
import type { HttpClient, HttpOrder, HttpReply } from '../kernel/http.ts'
import type { Resolver } from '../kernel/network.ts'
import type { TlsClient } from '../kernel/tls.ts'
import { codeOf } from './context.ts'
import type { NetEvent } from './events.ts'
import { connectFailure } from './failures.ts'
import type { HttpEvent } from './http-events.ts'
import { streamLookup } from './resolver.ts'
import { nodeSockets, type Sockets, type StreamSocket } from './sockets.ts'
import { admit, localOf, refusal, refusalByPeer } from './tls.ts'

export interface HttpClientOptions {
  readonly clock: Clock
  readonly emit: Emit<NetEvent | HttpEvent>
  readonly resolver: Resolver
  /** Local IP address to connect from. */
  readonly from?: string
  /** Node's when left out. */
  readonly sockets?: Sockets
}

const defaultTimeoutMs = 5000
const replyLimit = 16 * 1024 * 1024

/**
 * A client that opens one connection a request, follows no redirect and knows no proxy. Over https the server is judged before a byte of
 * the request is written.
 */
export function httpClient(options: HttpClientOptions): HttpClient {
  return async (order) => {
    const target = targetOf(order)
    const start = options.clock.now()
    const attempt = open(options, target)
    const { socket } = attempt
    const limit = order.timeoutMs ?? defaultTimeoutMs
    const cancel = options.clock.after(limit, () => socket.destroy(new TimedOut(limit)))
    try {
      await ready(attempt)
      const reply = await exchange(socket, order, target)
      const about = { side: 'client', remote: target.to, method: order.method, path: target.url.pathname } as const
      options.emit({ type: 'http.exchange', ...about, status: reply.status, ms: options.clock.now() - start })
      return reply
    } catch (thrown) {
      throw explained(options, socket, target, thrown)
    } finally {
      cancel()
      socket.destroy()
    }
  }
}

class TimedOut extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
  }
}

interface Target {
  readonly url: URL
  readonly to: Address
  readonly tls?: TlsClient
}

function targetOf({ url: text, tls }: HttpOrder): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new PosternError('network-connect', `"${text.slice(0, 200)}" is not an http: or https: URL`)
  }
  const secure = url.protocol === 'https:'
  const to = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
  }
  if (!secure) return { url, to }
  if (tls === undefined) {
    throw new PosternError('tls-refused', `no authority is known by which ${url.host} could be judged`, {
      next: 'give the client its anchors',
    })
  }
  return { url, to, tls }
}

interface Attempt {
  readonly socket: StreamSocket
  readonly event: 'connect' | 'secureConnect'
  /** @throws PosternError tls-refused */
  readonly judge: () => void
}

function open(options: HttpClientOptions, { to, tls }: Target): Attempt {
  const { sockets = nodeSockets, resolver, from } = options
  const local = from === undefined ? {} : { localAddress: from }
  const where = { host: to.host, port: to.port, lookup: streamLookup(resolver), ...local }
  if (tls === undefined) return { socket: sockets.connect(where), event: 'connect', judge: () => undefined }
  const socket = sockets.connectTls(where, tls)
  const judge = (): void => {
    const peer = admit(options, socket, { side: 'client', tls })
    if (peer.verdict !== 'trusted') throw refusal(`${tls.serverName} at ${formatAddress(to)}`, peer)
  }
  return { socket, event: 'secureConnect', judge }
}

/** Connected, and over TLS judged. @throws PosternError tls-refused, or what the socket failed with */
async function ready({ socket, event, judge }: Attempt): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.once('close', () => reject(new Closed()))
    socket.once(event, resolve)
  })
  judge()
}

class Closed extends Error {
  readonly code = 'ECONNRESET'

  constructor() {
    super('the server closed the connection')
  }
}

function exchange(socket: StreamSocket, { method, headers, body }: HttpOrder, { url, to }: Target): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({
      createConnection: () => socket,
      method,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, ...headers, ...(body.length > 0 ? { 'content-length': String(body.length) } : {}) },
    })
    request.on('error', reject)
    request.once('response', (message) => {
      replyOf(message).then(resolve, (thrown: unknown) => reject(connectFailure('read a response from', to, thrown)))
    })
    request.end(body.length > 0 ? body : undefined)
  })
}

async function replyOf(message: IncomingMessage): Promise<HttpReply> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of message as AsyncIterable<Uint8Array>) {
    length += piece.length
    if (length > replyLimit) throw new Error(`the response is longer than ${replyLimit} bytes`)
    pieces.push(piece)
  }
  const headers = Object.entries(message.headersDistinct).map(([name, values = []]) => [
    name,
    values.length === 1 ? (values[0] ?? '') : values,
  ])
  return {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(headers) as HttpReply['headers'],
    body: new Uint8Array(Buffer.concat(pieces)),
  }
}

/** A cut line, or an alert about our certificate (RFC 8446 §6.2), from a server that had asked for it. */
const byPeer = /^ECONNRESET$|^EPIPE$|ALERT/

function explained(
  options: HttpClientOptions,
  socket: StreamSocket,
  { to, tls }: Target,
  thrown: unknown,
): PosternError {
  if (thrown instanceof PosternError) return thrown
  const code = codeOf(thrown)
  if (tls?.identity === undefined || !byPeer.test(code ?? '') || socket.bytesWritten === 0)
    return connectFailure('send a request to', to, thrown)
  const error = refusalByPeer(
    `${tls.serverName} at ${to.host}:${to.port}`,
    thrown instanceof Error ? thrown : undefined,
  )
  options.emit({
    type: 'tls.refused-by-peer',
    side: 'client',
    local: localOf(socket),
    remote: to,
    text: error.message,
    ...(code === undefined ? {} : { code }),
  })
  return error
}
