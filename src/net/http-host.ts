import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Address } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../kernel/http.ts'
import type { Listener } from '../kernel/network.ts'
import type { TlsServer } from '../kernel/tls.ts'
import type { NetEvent } from './events.ts'
import { listenFailure } from './failures.ts'
import { watchHandshakes } from './handshakes.ts'
import { respond } from './http-respond.ts'
import type { HttpEvent } from './http-events.ts'
import type { StreamServer, StreamSocket, Sockets } from './sockets.ts'
import { serverOptions } from './tls-options.ts'
import { admit, remoteOf } from './tls.ts'

export interface HttpHost {
  readonly at: Address
  readonly handler: HttpHandler
  /** HTTPS; a client whose name is not on the list of the settings is answered 403. */
  readonly tls?: TlsServer
  readonly clock: Clock
  readonly emit: Emit<NetEvent | HttpEvent>
  /** Where connections come from; Node's own listener when left out. */
  readonly sockets?: Sockets
  /** Bytes of a request body above which it is answered 413; 1 MiB when left out. */
  readonly bodyLimit?: number
}

const mebibyte = 1024 * 1024

/** Serves one handler over HTTP/1.1. Closing it ends every connection. @throws PosternError network-listen */
export async function hostHttp(order: HttpHost): Promise<Listener> {
  const { at, tls, emit } = order
  const { server, door = server, closeUnfinished } = tls === undefined ? openPlain(order) : openSecure(order, tls)
  server.on('clientError', (error: Error, socket: Socket) => {
    emit({ type: 'http.failed', side: 'server', remote: remoteOf(socket), text: messageOf(error) })
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    else socket.destroy()
  })
  try {
    door.listen({ host: at.host, port: at.port })
    await once(door, 'listening')
  } catch (thrown) {
    throw listenFailure(`listen for ${tls === undefined ? 'http' : 'https'} on`, at, thrown)
  }
  const bound = door.address()
  let closed: Promise<unknown> | undefined
  const close = async (): Promise<void> => {
    closed ??= once(door, 'close')
    door.close()
    server.closeAllConnections()
    closeUnfinished()
    await closed
  }
  return { local: typeof bound === 'object' && bound !== null ? { host: bound.address, port: bound.port } : at, close }
}

interface Door {
  readonly server: Server | SecureServer
  /** What listens, when that is not the server itself. */
  readonly door?: StreamServer
  readonly closeUnfinished: () => void
}

function openPlain(order: HttpHost): Door {
  const server = createServer((message, response) => void serve(order, message, response, false))
  const door = order.sockets?.serve()
  door?.on('connection', (socket: StreamSocket) => server.emit('connection', socket))
  return { server, ...(door === undefined ? {} : { door }), closeUnfinished: () => undefined }
}

/** Each client is judged before the first byte of its request is parsed. */
function openSecure(order: HttpHost, tls: TlsServer): Door {
  const wrongName = new WeakSet<object>()
  const answer = (message: IncomingMessage, response: ServerResponse): void => {
    void serve(order, message, response, wrongName.has(message.socket))
  }
  const door = order.sockets?.serveTls(tls)
  const server = door === undefined ? createTlsServer(serverOptions(tls), answer) : createServer(answer)
  const handshakes = watchHandshakes(order, door ?? server)
  const judged = (socket: StreamSocket): void => {
    handshakes.finished(socket)
    if (admit(order, socket, { side: 'server', tls }).verdict === 'wrong-name') wrongName.add(socket)
  }
  if (door === undefined) server.prependListener('secureConnection', judged)
  else {
    door.on('secureConnection', (socket: StreamSocket) => {
      judged(socket)
      if (!socket.destroyed) server.emit('connection', socket)
    })
  }
  return { server, ...(door === undefined ? {} : { door }), closeUnfinished: handshakes.close }
}

/** One request to its response. Never rejects. */
async function serve(
  order: HttpHost,
  message: IncomingMessage,
  response: ServerResponse,
  wrongName: boolean,
): Promise<void> {
  const { clock, emit } = order
  const about = {
    side: 'server',
    remote: remoteOf(message.socket),
    method: message.method ?? '',
    path: pathOf(message),
  } as const
  const start = clock.now()
  const say = (status: number): void => emit({ type: 'http.exchange', ...about, status, ms: clock.now() - start })
  const fail = (failure: unknown): void => emit({ type: 'http.failed', ...about, text: messageOf(failure) })
  message.on('error', () => undefined)
  response.on('error', () => undefined)

  const answer = wrongName
    ? plain(403, 'the name in your certificate is not one that may come here')
    : await answerTo(order, message, fail)
  if (answer === undefined) return
  if (!response.headersSent) response.setHeader('Date', new Date(clock.wall()).toUTCString())
  const rest = await respond(response, answer, fail)
  if (rest !== undefined) say(rest)
}

/** `undefined` when the client went away before its request was whole. */
async function answerTo(
  order: HttpHost,
  message: IncomingMessage,
  fail: (failure: unknown) => void,
): Promise<HttpResponse | undefined> {
  const body = await bodyOf(message, order.bodyLimit ?? mebibyte)
  if (body === 'gone') return undefined
  if (body === 'too-large') return plain(413, 'the request body is too large', { connection: 'close' })
  try {
    return await order.handler(requestOf(message, body))
  } catch (failure) {
    fail(failure)
    return plain(500, 'internal error')
  }
}

async function bodyOf(message: IncomingMessage, limit: number): Promise<Uint8Array | 'too-large' | 'gone'> {
  if (Number(message.headers['content-length'] ?? 0) > limit) return 'too-large'
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for await (const piece of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      length += piece.length
      if (length > limit) return 'too-large'
      pieces.push(piece)
    }
  } catch {
    return 'gone'
  }
  return new Uint8Array(Buffer.concat(pieces))
}

function requestOf(message: IncomingMessage, body: Uint8Array): HttpRequest {
  const headers = Object.entries(message.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')] as const],
  )
  return { method: message.method ?? '', path: message.url ?? '/', headers: Object.fromEntries(headers), body }
}

function pathOf({ url }: IncomingMessage): string {
  return (url ?? '').replace(/\?.*$/s, '')
}

function plain(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: Buffer.from(`${text}\n`),
  }
}
