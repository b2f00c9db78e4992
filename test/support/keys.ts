import type { KeyPair, KeySource } from '../../src/kernel/keys.ts'
import { generateKeys } from '../../src/net/keys.ts'

/** More than any one lab has. */
const pool: (Promise<KeyPair> | undefined)[] = Array.from({ length: 8 }, () => undefined)
let next = 0

/** RSA keys of 2048 bits out of a few that a test run makes: each takes a quarter of a second. Eight in a row are all different. */
export const pooledKeys: KeySource = (bits) => {
  if (bits !== 2048) return generateKeys(bits)
  const place = next++ % pool.length
  return (pool[place] ??= generateKeys(bits))
}
