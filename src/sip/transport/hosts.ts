/** An IP address rather than a name. IPv6 without brackets. */
export const isIp = (host: string): boolean => host.includes(':') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)

/**
 * The local host to connect from, so that a role keeps to its own address: our listener's, unless that is a wildcard
 * or could not reach `to` (another family, or loopback toward the outside).
 */
export function localHostFor(to: string, listener: string | undefined): string | undefined {
  if (listener === undefined || !isIp(listener) || isWildcard(listener)) return undefined
  if (to.includes(':') !== listener.includes(':')) return undefined
  return isLoopback(to) === isLoopback(listener) ? listener : undefined
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'
const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.')
