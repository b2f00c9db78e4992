import { checkPrimeSync, createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeySource } from '../kernel/keys.ts'
import type { Random } from '../kernel/random.ts'

const exponent = 65_537n
const smallPrimes = sieve(8000)

/**
 * RSA keys that are the same for the same seed (FIPS 186-5 §A.1.3: probable primes). For worlds without a network alone: whoever knows
 * the seed knows the keys.
 */
export function seededKeys(random: Random): KeySource {
  return (bits) => {
    const half = bits / 2
    const [p, q] = inOrder(prime(random, half), prime(random, half))
    const d = inverse(exponent, (p - 1n) * (q - 1n))
    const key = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'RSA',
        e: base64url(exponent, 3),
        n: base64url(p * q, bits / 8),
        d: base64url(d, bits / 8),
        p: base64url(p, half / 8),
        q: base64url(q, half / 8),
        dp: base64url(d % (p - 1n), half / 8),
        dq: base64url(d % (q - 1n), half / 8),
        qi: base64url(inverse(q, p), half / 8),
      },
    })
    return Promise.resolve({
      privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    })
  }
}

/** The first prime from a drawn place on; its two highest bits are set, so that a product of two has its whole length. */
function prime(random: Random, bits: number): bigint {
  const bytes = random.bytes(bits / 8)
  bytes[0] = (bytes[0] ?? 0) | 0xc0
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 1
  const start = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const remainders = smallPrimes.map((small) => Number(start % BigInt(small)))
  for (let step = 0; ; step += 2) {
    if (smallPrimes.some((small, i) => ((remainders[i] ?? 0) + step) % small === 0)) continue
    const candidate = start + BigInt(step)
    if (candidate % exponent !== 1n && checkPrimeSync(candidate, { checks: 20 })) return candidate
  }
}

const inOrder = (a: bigint, b: bigint): readonly [bigint, bigint] => (a > b ? [a, b] : [b, a])

/** `value`⁻¹ modulo `modulus`, by Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r, next] = [modulus, value % modulus]
  let [t, nextT] = [0n, 1n]
  while (next !== 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[t, nextT] = [nextT, t - quotient * nextT]
  }
  return t < 0n ? t + modulus : t
}

const base64url = (value: bigint, bytes: number): string =>
  Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex').toString('base64url')

/** Odd primes below `limit`. */
function sieve(limit: number): readonly number[] {
  const found: number[] = []
  for (let n = 3; n < limit; n += 2) if (found.every((p) => n % p !== 0)) found.push(n)
  return found
}
