import type { SocketOptions } from 'node:dgram'
import { isIP, type LookupFunction } from 'node:net'
import type { Resolver } from '../kernel/network.ts'

/** Names from a table, in any case; an IP address is its own answer, any other name has none. */
export function hostsResolver(table: Readonly<Record<string, string>>): Resolver {
  const hosts = new Map(Object.entries(table).map(([name, address]) => [canonical(name), address]))
  return { address: (host) => Promise.resolve(isIP(host) === 0 ? hosts.get(canonical(host)) : host) }
}

const canonical = (host: string): string => host.toLowerCase().replace(/\.$/, '')

class UnknownHost extends Error {
  readonly code = 'ENOTFOUND'

  constructor(host: string) {
    super(`the name "${host}" is not known`)
  }
}

/** Answers an IP address in the same turn, so that datagrams leave in the order they were sent. */
function find(resolver: Resolver, host: string, answer: (address: string) => void, unknown: (e: Error) => void): void {
  if (isIP(host) !== 0) {
    answer(host)
    return
  }
  const nobody = (): void => unknown(new UnknownHost(host))
  resolver.address(host).then((address) => (address === undefined ? nobody() : answer(address)), nobody)
}

/** The resolver as the lookup function of Node's TCP sockets. */
export const streamLookup =
  (resolver: Resolver): LookupFunction =>
  (host, options, callback) => {
    const answer = (address: string): void => {
      if (options.all === true) callback(null, [{ address, family: isIP(address) }])
      else callback(null, address, isIP(address))
    }
    find(resolver, host, answer, (error) => callback(error, '', 0))
  }

/** The resolver as the lookup function of Node's UDP sockets. */
export const datagramLookup =
  (resolver: Resolver): NonNullable<SocketOptions['lookup']> =>
  (host, _options, callback) => {
    const answer = (address: string): void => callback(null, address, isIP(address))
    find(resolver, host, answer, (error) => callback(error, '', 0))
  }
