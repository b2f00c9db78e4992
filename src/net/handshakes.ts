import { formatAddress } from '../kernel/address.ts'
import { codeOf, type NetworkOptions } from './context.ts'
import type { StreamServer, StreamSocket } from './sockets.ts'
import { endsOf, remoteOf } from './tls.ts'

/** ms a client has for its handshake. */
const limit = 10_000

export interface Handshakes {
  finished(socket: StreamSocket): void
  /** Ends every one under way. */
  readonly close: () => void
}

/** Follows each connection of a TLS server from accept to handshake; one that does not get there is ended, with an event. */
export function watchHandshakes(options: NetworkOptions, server: StreamServer): Handshakes {
  const underWay = new Map<string, { socket: StreamSocket; cancel: () => void }>()
  const keyOf = (socket: StreamSocket): string => formatAddress(remoteOf(socket))

  /** True the first time: one connection, one event. */
  const settle = (key: string): boolean => {
    underWay.get(key)?.cancel()
    return underWay.delete(key)
  }

  server.on('connection', (socket: StreamSocket) => {
    const key = keyOf(socket)
    const where = { side: 'server', ...endsOf(socket) } as const
    const failed = (text: string): void => {
      if (settle(key)) options.emit({ type: 'tls.handshake-failed', ...where, text })
    }
    const cancel = options.clock.after(limit, () => {
      failed(`no TLS handshake within ${limit} ms`)
      socket.destroy()
    })
    underWay.set(key, { socket, cancel })
    socket.once('close', () => {
      failed('the client closed the connection before the TLS handshake was done')
    })
  })

  server.on('tlsClientError', (error: Error, socket: StreamSocket) => {
    if (settle(keyOf(socket))) {
      const code = codeOf(error)
      const type = code?.includes('_ALERT_') === true ? 'tls.refused-by-peer' : 'tls.handshake-failed'
      const where = { side: 'server', ...endsOf(socket) } as const
      options.emit({ type, ...where, text: error.message, ...(code === undefined ? {} : { code }) })
    }
    socket.destroy()
  })

  return {
    finished: (socket) => {
      settle(keyOf(socket))
    },
    close() {
      for (const [key, { socket }] of underWay) {
        settle(key)
        socket.destroy()
      }
    },
  }
}
