import { once } from 'node:events'
import type { Address } from '../kernel/address.ts'
import type { Listener, Stream, StreamHandlers } from '../kernel/network.ts'
import type { TlsServer } from '../kernel/tls.ts'
import { handUp, type NetworkOptions, report } from './context.ts'
import { listenFailure } from './failures.ts'
import { watchHandshakes } from './handshakes.ts'
import { nodeSockets, type StreamServer, type StreamSocket } from './sockets.ts'
import { type Carriage, carry } from './stream.ts'
import { admit } from './tls.ts'

type Accept = (stream: Stream) => StreamHandlers

/** ms that streams have to send what was written once their listener closes. */
const linger = 1000

/** A TCP or TLS listener, which takes its connections with it when it closes. @throws PosternError network-listen */
export async function listenForStreams(
  options: NetworkOptions,
  at: Address,
  accept: Accept,
  tls?: TlsServer,
): Promise<Listener> {
  const sockets = new Set<StreamSocket>()
  const take = (socket: StreamSocket, how: Carriage): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const { stream, start } = carry(options, socket, how)
    const { local, remote } = stream
    const taken = handUp(options, { transport: how.transport, local, remote }, () => start(accept(stream)))
    if (!taken) stream.destroy()
  }

  try {
    const door = tls === undefined ? openTcp(options, take) : openTls(options, tls, take)
    door.server.listen({ host: at.host, port: at.port })
    await once(door.server, 'listening')
    return listener(options, door, sockets)
  } catch (thrown) {
    throw listenFailure(`listen for ${tls === undefined ? 'tcp' : 'tls'} on`, at, thrown)
  }
}

interface Door {
  readonly server: StreamServer
  readonly transport: 'tcp' | 'tls'
  /** Ends the connections that have not come to a stream yet. */
  readonly closeUnfinished: () => void
}

type Take = (socket: StreamSocket, how: Carriage) => void

function openTcp({ sockets = nodeSockets }: NetworkOptions, take: Take): Door {
  const server = sockets.serve()
  server.on('connection', (socket: StreamSocket) => take(socket, { transport: 'tcp' }))
  return { server, transport: 'tcp', closeUnfinished: () => undefined }
}

function openTls(options: NetworkOptions, tls: TlsServer, take: Take): Door {
  const server = (options.sockets ?? nodeSockets).serveTls(tls)
  const handshakes = watchHandshakes(options, server)
  server.on('secureConnection', (socket: StreamSocket) => {
    handshakes.finished(socket)
    const peer = admit(options, socket, { side: 'server', tls })
    if (peer.verdict !== 'refused') take(socket, { transport: 'tls', peer })
  })
  return { server, transport: 'tls', closeUnfinished: handshakes.close }
}

function listener(
  options: NetworkOptions,
  { server, transport, closeUnfinished }: Door,
  sockets: Set<StreamSocket>,
): Listener {
  const local = boundTo(server)
  server.on('error', (error: Error) => {
    report(options, { transport, local }, error)
  })
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    const gone = once(server, 'close')
    server.close()
    closeUnfinished()
    for (const socket of sockets) socket.destroySoon()
    const cancel = options.clock.after(linger, () => {
      for (const socket of sockets) socket.destroy()
    })
    await gone
    cancel()
  }
  return { local, close: () => (closed ??= close()) }
}

function boundTo(server: StreamServer): Address {
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? { host: bound.address, port: bound.port } : { host: '', port: 0 }
}
