import { createPrivateKey, X509Certificate } from 'node:crypto'
import { CompactSign, compactVerify } from 'jose'
import type { Identity } from '../../kernel/tls.ts'
import { readCertificate } from './certificate.ts'

/** Counts work done on the thread pool, so that virtual time waits for it. */
export type Pending = <T>(work: Promise<T>) => Promise<T>

export type Claims = Readonly<Record<string, unknown>>

/** A token taken apart, nothing about it believed yet. */
export interface RawToken {
  readonly text: string
  readonly header: Claims
  readonly claims: Claims
  readonly signed: boolean
}

/** Longest compact token looked at, in characters. */
const longestToken = 16 * 1024

/** Signs claims with RS256 under the header x5t of the identity's certificate. @throws Error on a key that is not RSA */
export function signToken(claims: Claims, signer: Identity, pending: Pending = plainly): Promise<string> {
  const x5t = readCertificate(signer.chain)?.x5t ?? ''
  const token = new CompactSign(Buffer.from(JSON.stringify(claims)))
  return pending(token.setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t }).sign(createPrivateKey(signer.key)))
}

/** The unsigned form, RFC 7519 §6. */
export function unsignedToken(claims: Claims): string {
  return `${encode({ typ: 'JWT', alg: 'none' })}.${encode(claims)}.`
}

/** True when the token is signed by RS256, and nothing else, with the key of that certificate. */
export async function verifyToken(token: RawToken, certificate: string, pending: Pending = plainly): Promise<boolean> {
  try {
    const key = new X509Certificate(certificate).publicKey
    await pending(compactVerify(token.text, key, { algorithms: ['RS256'] }))
    return true
  } catch {
    return false
  }
}

/** Takes a compact token apart; undefined when it is not three parts of base64url, the first two JSON objects. */
export function readToken(text: string): RawToken | undefined {
  const match = text.length > longestToken ? null : /^([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(text)
  const header = decode(match?.[1])
  const claims = decode(match?.[2])
  return header && claims ? { text, header, claims, signed: match?.[3] !== '' } : undefined
}

/** A claim that must be text; undefined when it is missing or something else. */
export function textClaim(claims: Claims, name: string): string | undefined {
  const value = claims[name]
  return typeof value === 'string' ? value : undefined
}

/** nbf and exp in wall ms: seconds, as a number (RFC 7519 §2) or as text ([MS-XOAUTH] §4.4). */
export function dateClaim(claims: Claims, name: string): number | undefined {
  const value = claims[name]
  const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined
}

/** Judges nbf and exp, both of which must stand, with the allowance for clocks that differ. */
export function lifetimeFault(claims: Claims, wall: number, skewMs: number): 'expired' | 'not-yet-valid' | undefined {
  const nbf = dateClaim(claims, 'nbf')
  const exp = dateClaim(claims, 'exp')
  if (exp === undefined || exp + skewMs <= wall) return 'expired'
  return nbf === undefined || nbf - skewMs > wall ? 'not-yet-valid' : undefined
}

function decode(part: string | undefined): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}

const encode = (value: Claims): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const plainly: Pending = (work) => work
