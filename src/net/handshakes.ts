import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { formatAddress } from '../kernel/address.ts'
import { codeOf, type NetworkOptions } from './context.ts'
import { localOf, remoteOf } from './tls.ts'

/** ms a client has for its handshake. */
const limit = 10_000

export interface Handshakes {
  finished(socket: TLSSocket): void
  /** Ends every one under way. */
  readonly close: () => void
}

/** Follows each connection of a TLS server from accept to handshake; one that does not get there is ended, with an event. */
export function watchHandshakes(options: NetworkOptions, server: Server): Handshakes {
  const underWay = new Map<string, { socket: Socket; cancel: () => void }>()
  const keyOf = (socket: Socket): string => formatAddress(remoteOf(socket))

  /** True the first time: one connection, one event. */
  const settle = (key: string): boolean => {
    underWay.get(key)?.cancel()
    return underWay.delete(key)
  }

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket)
    const where = { side: 'server', local: localOf(socket), remote: remoteOf(socket) } as const
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

  server.on('tlsClientError', (error, socket) => {
    if (settle(keyOf(socket))) {
      const code = codeOf(error)
      const type = code?.includes('_ALERT_') === true ? 'tls.refused-by-peer' : 'tls.handshake-failed'
      const where = { side: 'server', local: localOf(socket), remote: remoteOf(socket) } as const
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
