import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Address } from '../kernel/address.ts'
import type { DatagramSocket } from '../kernel/network.ts'
import { handUp, type NetworkOptions, report } from './context.ts'
import { listenFailure } from './failures.ts'
import { datagramLookup } from './resolver.ts'

type Receive = (bytes: Uint8Array, from: Address) => void

/** A UDP socket, IPv6 when the host is. @throws PosternError network-listen */
export async function bindDatagrams(options: NetworkOptions, at: Address, receive: Receive): Promise<DatagramSocket> {
  const socket = createSocket(socketOptions(options, at))
  try {
    const listening = once(socket, 'listening')
    socket.bind({ address: at.host, port: at.port, exclusive: true })
    await listening
  } catch (thrown) {
    socket.close()
    throw listenFailure('listen for udp on', at, thrown)
  }
  return datagramSocket(options, socket, receive)
}

function socketOptions({ resolver }: NetworkOptions, at: Address): SocketOptions {
  return {
    type: isIPv6(at.host) ? 'udp6' : 'udp4',
    ...(resolver === undefined ? {} : { lookup: datagramLookup(resolver) }),
  }
}

function datagramSocket(options: NetworkOptions, socket: Socket, receive: Receive): DatagramSocket {
  const { address: host, port } = socket.address()
  const local: Address = { host, port }
  const fault = { transport: 'udp', local } as const
  let closed: Promise<unknown> | undefined

  socket.on('error', (error) => {
    report(options, fault, error)
  })
  socket.on('message', (bytes, { address, port }) => {
    const remote = { host: address, port }
    options.tap?.({ direction: 'in', ...fault, remote, bytes })
    handUp(options, { ...fault, remote }, () => {
      receive(bytes, remote)
    })
  })

  return {
    local,
    send(bytes, to) {
      if (closed !== undefined) return
      options.tap?.({ direction: 'out', ...fault, remote: to, bytes })
      handUp(options, { ...fault, remote: to }, () => {
        socket.send(bytes, to.port, to.host, (error) => {
          if (error !== null) report(options, { ...fault, remote: to }, error)
        })
      })
    },
    async close() {
      closed ??= new Promise<void>((resolve) => {
        socket.close(resolve)
      })
      await closed
    },
  }
}
