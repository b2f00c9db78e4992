import { isIP } from 'node:net'
import type { Address } from '../../kernel/address.ts'
import type { DatagramSocket, Network } from '../../kernel/network.ts'
import { connectStream } from '../connect.ts'
import type { NetworkOptions } from '../context.ts'
import { handUp, report } from '../context.ts'
import { listenForStreams } from '../listen.ts'
import { datagramLookup } from '../resolver.ts'
import type { Lifeline } from './lifeline.ts'
import { wireSockets } from './sockets.ts'
import type { Wire } from './wire.ts'

/** The network port of one process on a wire: streams are those of the real network over other sockets. */
export function memoryNetwork(wire: Wire, life: Lifeline, host: string, given: NetworkOptions): Network {
  const options = { ...given, sockets: wireSockets(wire, life, host) }
  return {
    bind: (at, receive) => new Promise((resolve) => resolve(bindDatagrams(wire, life, options, at, receive))),
    listen: (at, accept, tls) => listenForStreams(options, at, accept, tls),
    connect: (order, handlers) => connectStream(options, order, handlers),
  }
}

/** @throws PosternError network-listen */
function bindDatagrams(
  wire: Wire,
  life: Lifeline,
  options: NetworkOptions,
  at: Address,
  receive: (bytes: Uint8Array, from: Address) => void,
): DatagramSocket {
  const { tap } = options
  const lookup = options.resolver && datagramLookup(options.resolver)
  const socket = wire.bind(
    at,
    (bytes, remote) => {
      tap?.({ direction: 'in', transport: 'udp', local: socket.local, remote, bytes })
      handUp(options, { transport: 'udp', local: socket.local, remote }, () => receive(bytes, remote))
    },
    life,
  )
  return {
    ...socket,
    send(bytes, to) {
      tap?.({ direction: 'out', transport: 'udp', local: socket.local, remote: to, bytes })
      if (lookup === undefined || isIP(to.host) !== 0) socket.send(bytes, to)
      else
        lookup(to.host, {}, (error, host) => {
          if (error === null) socket.send(bytes, { host, port: to.port })
          else report(options, { transport: 'udp', local: socket.local, remote: to }, error)
        })
    },
  }
}
