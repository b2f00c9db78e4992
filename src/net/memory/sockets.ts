import type { LookupFunction } from 'node:net'
import type { TlsClient } from '../../kernel/tls.ts'
import type { Sockets, Where } from '../sockets.ts'
import { clientHandshake } from './handshake.ts'
import { mortalClock, type Lifeline } from './lifeline.ts'
import type { PipeEnd } from './pipe.ts'
import type { Wire } from './wire.ts'
import { WireServer } from './wire-server.ts'
import { WireSocket } from './wire-socket.ts'

/** The sockets of one process on a wire. `host` is where it connects from unless it says. */
export function wireSockets(wire: Wire, life: Lifeline, host: string): Sockets {
  const clock = mortalClock(wire.clock, life)
  const open = (where: Where, connected: (socket: WireSocket, end: PipeEnd) => void): WireSocket => {
    const socket = new WireSocket({ clock, tap: wire.tap })
    const fail = (thrown: unknown): void => {
      socket.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
    const attempt = async (): Promise<PipeEnd> => {
      const to = { host: await addressOf(where), port: where.port }
      return wire.connect(where.localAddress ?? host, to, life)
    }
    const take = (end: PipeEnd): void => {
      if (socket.destroyed) end.destroy()
      else {
        socket.own(end)
        connected(socket, end)
      }
    }
    void attempt().then(take, fail)
    return socket
  }
  return {
    connect: (where) =>
      open(where, (socket) => {
        socket.emit('connect')
        socket.open()
      }),
    connectTls: (where, tls) => open(where, (socket, end) => secure(socket, end, tls)),
    serve: () => new WireServer(wire, life),
    serveTls: (tls) => new WireServer(wire, life, tls),
  }
}

function secure(socket: WireSocket, end: PipeEnd, tls: TlsClient): void {
  socket.emit('connect')
  clientHandshake(end, tls, (result) => {
    if (socket.destroyed) return
    if (result instanceof Error) socket.destroy(result)
    else {
      socket.open(result)
      socket.emit('secureConnect')
    }
  })
}

function addressOf({ host, lookup }: Where): Promise<string> {
  if (lookup === undefined) return Promise.resolve(host)
  return new Promise((resolve, reject) => {
    const found: Parameters<LookupFunction>[2] = (error, address) => {
      if (error === null) resolve(typeof address === 'string' ? address : (address[0]?.address ?? host))
      else reject(error)
    }
    lookup(host, {}, found)
  })
}
