import type { KeyPair } from '../kernel/keys.ts'
import type { Identity } from '../kernel/tls.ts'
import { buildCertificate, type Usage } from './builder.ts'

/** One who issues certificates: both PEM, the certificate being what others trust. */
export interface Authority {
  readonly name: string
  readonly certificate: string
  readonly key: string
}

export interface AuthorityOrder {
  /** Common name. */
  readonly name: string
  readonly keys: KeyPair
  /** Wall ms; it is valid from a day before, so that clocks may differ. */
  readonly at: number
  /** How long from then on: 10 when left out. */
  readonly years?: number
  /** Up to 20 random bytes. */
  readonly serial: Uint8Array
}

export interface IssueOrder {
  /** Common name. */
  readonly subject: string
  /** Subject alternative names: DNS names, URIs as in `sip:example.com`, IP addresses. */
  readonly dns?: readonly string[]
  readonly uris?: readonly string[]
  readonly ips?: readonly string[]
  readonly keys: KeyPair
  /** Wall ms. */
  readonly notBefore: number
  readonly notAfter: number
  readonly usage: readonly Usage[]
  /** Up to 20 random bytes. */
  readonly serial: Uint8Array
}

export type { Usage } from './builder.ts'

export const day = 24 * 60 * 60 * 1000

/** A self-signed authority: basicConstraints, keyUsage, subject key identifier (RFC 5280 §4.2.1). */
export function makeAuthority({ name, keys, at, years = 10, serial }: AuthorityOrder): Authority {
  const certificate = buildCertificate({
    subject: name,
    issuer: name,
    publicKey: keys.publicKey,
    signer: keys.privateKey,
    notBefore: at - day,
    notAfter: at + years * 365.25 * day,
    serial,
    authority: true,
  })
  return { name, certificate, key: keys.privateKey }
}

/** A certificate for one peer, signed with SHA-256; its chain is the leaf alone. */
export function issue(authority: Authority, { keys, ...order }: IssueOrder): Identity {
  const chain = buildCertificate({
    ...order,
    issuer: authority.name,
    publicKey: keys.publicKey,
    signer: authority.key,
  })
  return { chain, key: keys.privateKey }
}
