import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeySource } from '../kernel/keys.ts'

const generate = promisify(generateKeyPair)

/** Fresh RSA keys from the system's randomness, made on the thread pool. */
export const generateKeys: KeySource = (bits) =>
  generate('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
