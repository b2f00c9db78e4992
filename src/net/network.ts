import type { Network } from '../kernel/network.ts'
import type { NetworkOptions } from './context.ts'
import { connectStream } from './connect.ts'
import { listenForStreams } from './listen.ts'
import { bindDatagrams } from './udp.ts'

export type { NetworkOptions } from './context.ts'

/** The network of real sockets: UDP, TCP and TLS over IPv4 and IPv6. */
export function createNetwork(options: NetworkOptions): Network {
  return {
    bind: (at, receive) => bindDatagrams(options, at, receive),
    listen: (at, accept, tls) => listenForStreams(options, at, accept, tls),
    connect: (order, handlers) => connectStream(options, order, handlers),
  }
}
