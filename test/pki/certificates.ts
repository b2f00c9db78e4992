import { type Authority, type IssueOrder, makeAuthority } from '../../src/pki/authority.ts'
import type { KeyPair } from '../../src/kernel/keys.ts'
import { generateKeys } from '../../src/net/keys.ts'
import { pooledKeys } from '../support/keys.ts'

export const day = 24 * 60 * 60 * 1000
export const now = Date.UTC(2026, 5, 1)

/** An authority, keys for those it certifies, and an order for a good certificate of sbc.example at `now`. */
export interface Office {
  readonly authority: Authority
  readonly authorityKeys: KeyPair
  readonly keys: KeyPair
  readonly order: IssueOrder
}

let opened: Promise<Office> | undefined

/** One for all tests: keys take time to make. */
export const openOffice = (): Promise<Office> => (opened ??= newOffice())

async function newOffice(): Promise<Office> {
  const [authorityKeys, keys] = await Promise.all([generateKeys(2048), pooledKeys(2048)])
  return {
    authority: makeAuthority({ name: 'Lab authority', keys: authorityKeys, at: now, serial: serial(1) }),
    authorityKeys,
    keys,
    order: {
      subject: 'sbc.example',
      dns: ['sbc.example'],
      ips: ['127.0.0.1'],
      keys,
      notBefore: now - day,
      notAfter: now + day,
      usage: ['serverAuth', 'clientAuth'],
      serial: serial(2),
    },
  }
}

export const serial = (number: number): Uint8Array => Uint8Array.of(number)

/** PEM, perhaps several, to DER. */
export const ders = (pem: string): Uint8Array[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END/g)].map(([, body]) => Buffer.from(body ?? '', 'base64'))
