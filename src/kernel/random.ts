import { createHash, randomBytes } from 'node:crypto'

/** The only source of chance in the program. */
export interface Random {
  bytes(length: number): Uint8Array
}

export const systemRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) }

/** The same seed gives the same bytes: SHA-256 in counter mode. For tests and simulated runs, never for keys on a real network. */
export function seededRandom(seed: string | number): Random {
  let counter = 0
  let pool = Buffer.alloc(0)
  return {
    bytes(length) {
      while (pool.length < length) {
        pool = Buffer.concat([pool, createHash('sha256').update(`${seed}:${counter++}`).digest()])
      }
      const taken = new Uint8Array(pool.subarray(0, length))
      pool = pool.subarray(length)
      return taken
    },
  }
}

/** A token of `length` random bytes in hexadecimal: tags, branches, Call-IDs, identifiers. */
export function token(random: Random, length = 8): string {
  return Buffer.from(random.bytes(length)).toString('hex')
}

/** A whole number from 0 up to, not including, `limit` (at most 2^32). */
export function below(random: Random, limit: number): number {
  return Math.floor((Buffer.from(random.bytes(4)).readUInt32BE(0) / 2 ** 32) * limit)
}

/** From 0 up to, not including, 1. */
export function fraction(random: Random): number {
  return below(random, 2 ** 32) / 2 ** 32
}
