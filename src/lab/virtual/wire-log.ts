import { formatAddress, type Address } from '../../kernel/address.ts'
import type { Transport, WireTap } from '../../net/tap.ts'

/** Two 32-bit lanes, multiplied and mixed word by word in the manner of FNV-1a: to tell bytes apart, not to keep anybody out. */
export function fingerprint(bytes: Uint8Array): readonly [high: number, low: number] {
  const { length } = bytes
  let a = 0x811c9dc5 ^ length
  let b = 0x9747b28c ^ length
  for (let i = 0; i < length; i += 4) {
    const word =
      (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24)
    a = Math.imul(a ^ word, 0x01000193)
    a ^= a >>> 15
    b = Math.imul(b ^ word, 0x85ebca6b)
    b ^= b >>> 13
  }
  return [(a ^ (a >>> 16)) >>> 0, (b ^ (b >>> 16)) >>> 0]
}

/** Numbers kept of each write. */
const width = 5

/** Every datagram and every plaintext write of a stream in a virtual world: when, from where to where, how long, and a hash. */
export class WireLog {
  readonly #now: () => number
  readonly #paths: Readonly<Record<Transport, Map<Address, Map<Address, number>>>> = {
    udp: new Map(),
    tcp: new Map(),
    tls: new Map(),
  }
  readonly #names: string[] = []
  #rows = new Float64Array(width * 1024)
  #length = 0

  /** @param now the world's monotonic ms */
  constructor(now: () => number) {
    this.#now = now
  }

  readonly tap = (write: WireTap): void => {
    if (this.#length === this.#rows.length) this.#grow()
    const [high, low] = fingerprint(write.bytes)
    this.#rows.set([this.#now(), this.#path(write), write.bytes.length, high, low], this.#length)
    this.#length += width
  }

  /** How many writes. */
  get count(): number {
    return this.#length / width
  }

  /** A line a write: ms, transport, from, to, bytes, hash. */
  text(): string {
    const lines: string[] = []
    for (let at = 0; at < this.#length; at += width) {
      const [ms = 0, path = 0, bytes = 0, high = 0, low = 0] = this.#rows.subarray(at, at + width)
      lines.push(`${ms.toFixed(3)} ${this.#names[path] ?? ''} ${bytes} ${hex(high)}${hex(low)}\n`)
    }
    return lines.join('')
  }

  /** Addresses are told apart by identity, which is cheap; two of one name only share a line's text. */
  #path({ transport, local, remote }: WireTap): number {
    const paths = this.#paths[transport]
    const from = paths.get(local) ?? new Map<Address, number>()
    paths.set(local, from)
    const known = from.get(remote)
    if (known !== undefined) return known
    const path = this.#names.push(`${transport} ${formatAddress(local)} ${formatAddress(remote)}`) - 1
    from.set(remote, path)
    return path
  }

  #grow(): void {
    const rows = new Float64Array(2 * this.#rows.length)
    rows.set(this.#rows)
    this.#rows = rows
  }
}

const hex = (word: number): string => word.toString(16).padStart(8, '0')
