import type { Address } from '../kernel/address.ts'

/** IPv4 that others cannot reach through NAT: RFC 1918, RFC 6598, RFC 3927, and the unspecified address. */
const privateV4 =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|0\.)/
/** IPv6 likewise: RFC 4193, link-local, and the unspecified address. */
const privateV6 = /^(?:f[cd]|fe[89ab]|::$)/i

/** Whether an SDP address says nothing of where packets will come from: private, or a name. */
export function isUnroutable(host: string): boolean {
  if (host.includes(':')) return privateV6.test(host)
  return !/^[\d.]+$/.test(host) || privateV4.test(host)
}

const same = (a: Address, b: Address): boolean => a.port === b.port && a.host === b.host

/** Which source a leg listens to, and where it sends: symmetric RTP (RFC 4961) with latching. */
export class SourceGate {
  readonly #announced: Address
  readonly #authenticated: boolean
  #latched: Address | undefined

  /** @param announced the peer's address in SDP; `authenticated`: the stream is SRTP */
  constructor(announced: Address, authenticated: boolean) {
    this.#announced = announced
    this.#authenticated = authenticated
  }

  get latched(): Address | undefined {
    return this.#latched
  }

  /** `undefined` when the peer cannot be reached, or asked us to send nothing (RFC 3264 §8.4). */
  get target(): Address | undefined {
    const { host, port } = this.#announced
    return this.#latched ?? (port === 0 || host === '0.0.0.0' || host === '::' ? undefined : this.#announced)
  }

  sameAs(announced: Address, authenticated: boolean): boolean {
    return same(this.#announced, announced) && this.#authenticated === authenticated
  }

  /** Before a packet is looked into. `maybe`: call `accept` once it has proved good. */
  judge(from: Address): 'known' | 'maybe' | 'stray' {
    if (this.#latched !== undefined && same(this.#latched, from)) return 'known'
    if (same(this.#announced, from)) return 'maybe'
    if (this.#latched !== undefined) return 'stray'
    return this.#authenticated || isUnroutable(this.#announced.host) ? 'maybe' : 'stray'
  }

  /** Latches; answers whether that is elsewhere than announced. */
  accept(from: Address): boolean {
    this.#latched = from
    return !same(this.#announced, from)
  }
}
