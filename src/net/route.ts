import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Address } from '../kernel/address.ts'
import { connectFailure } from './failures.ts'

/** The local IP address from which this machine reaches an IP address; nothing is sent. @throws PosternError network-connect */
export async function localAddressToward(to: Address): Promise<string> {
  const socket = createSocket(isIPv6(to.host) ? 'udp6' : 'udp4')
  try {
    const connected = once(socket, 'connect')
    socket.connect(to.port, to.host)
    await connected
    return socket.address().address
  } catch (thrown) {
    throw connectFailure('find a way to', to, thrown)
  } finally {
    socket.close()
  }
}
