import { PosternError } from './errors.ts'

/** An IP address or host name, and a port. An IPv6 host is kept without brackets. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** The two faces of a listener: where it binds, and what it writes into Via, Contact and SDP. */
export interface Face {
  readonly bind: Address
  /** Host as others reach it; the port bound to when `port` is missing. */
  readonly advertised?: { readonly host: string; readonly port?: number }
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Reads `host:port` or `[v6]:port`. @throws PosternError address-invalid */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new PosternError('address-invalid', `"${text}" is not an address: expected host:port, as in 127.0.0.1:5060`)
  }
  return { host: match[1] ?? match[2] ?? '', port }
}
