import { type Address, formatAddress } from '../kernel/address.ts'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { codeOf } from './context.ts'

interface Explanation {
  readonly what: string
  readonly next: string
}

const listening: Readonly<Record<string, Explanation>> = {
  EADDRINUSE: { what: 'address already in use', next: 'end the program that listens there, or choose another port' },
  EADDRNOTAVAIL: {
    what: 'not an address of this machine',
    next: 'choose one that `ip address` lists, or add it there',
  },
  EACCES: { what: 'not permitted', next: 'choose a port from 1024 up, or grant CAP_NET_BIND_SERVICE' },
  ENOTFOUND: { what: 'no such host', next: 'write an IP address of this machine' },
}

const connecting: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    what: 'connection refused',
    next: 'see that the other side runs and listens on that address and port',
  },
  ETIMEDOUT: { what: 'no answer', next: 'see that a firewall lets the connection through' },
  EHOSTUNREACH: { what: 'host unreachable', next: 'see that there is a route to it' },
  ENETUNREACH: { what: 'network unreachable', next: 'see that there is a route to it' },
  ENOTFOUND: { what: 'unknown host name', next: 'add the name to the hosts of the lab file, or write an IP address' },
  EADDRNOTAVAIL: { what: 'the local address is not of this machine', next: 'choose one that `ip address` lists' },
}

function failure(
  code: 'network-listen' | 'network-connect',
  doing: string,
  at: Address,
  thrown: unknown,
): PosternError {
  const known = (code === 'network-listen' ? listening : connecting)[codeOf(thrown) ?? '']
  const { what, next } = known ?? { what: messageOf(thrown), next: undefined }
  const detail = { address: formatAddress(at), ...(codeOf(thrown) === undefined ? {} : { code: codeOf(thrown) }) }
  const message = `${what}: ${doing} ${formatAddress(at)}`
  return new PosternError(code, message, { ...(next === undefined ? {} : { next }), cause: thrown, detail })
}

/** `doing` says what was tried, as in `listen for tls on`. */
export const listenFailure = (doing: string, at: Address, thrown: unknown): PosternError =>
  failure('network-listen', doing, at, thrown)

export const connectFailure = (doing: string, to: Address, thrown: unknown): PosternError =>
  failure('network-connect', doing, to, thrown)
