import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Resolver } from '../kernel/network.ts'

/** Names as every program of this machine sees them: its hosts file, then DNS. IPv4 first. */
export const systemResolver: Resolver = {
  async address(host) {
    if (isIP(host) !== 0) return host
    try {
      return (await lookup(host, { verbatim: false })).address
    } catch {
      return undefined
    }
  },
}

/** Asks one after the other until one knows the name. */
export function firstOf(...resolvers: readonly Resolver[]): Resolver {
  return {
    async address(host) {
      for (const resolver of resolvers) {
        const address = await resolver.address(host)
        if (address !== undefined) return address
      }
      return undefined
    },
  }
}
