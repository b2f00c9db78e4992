import { token as randomToken, type Random } from '../../kernel/random.ts'
import type { Identity } from '../../kernel/tls.ts'
import { readCertificate } from './certificate.ts'
import { lifetimeFault, readToken, signToken, textClaim, verifyToken, type Pending } from './jws.ts'
import { principals, qualified, readQualified } from './names.ts'

/** Client credentials (RFC 6749 §4.4) proved by a signed assertion (RFC 7523 §2.2), both sides of the wire. */

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const assertionLifetimeMs = 300_000
/** Allowance for clocks that differ. */
const skewMs = 300_000

export const formContentType = 'application/x-www-form-urlencoded'

export interface TokenRequestOrder {
  readonly application: string
  readonly realm: string
  /** The audience the token shall be for. */
  readonly resource: string
  /** The auth certificate and its key. */
  readonly identity: Identity
  /** Wall ms of now. */
  readonly wall: number
  readonly random: Random
  readonly pending?: Pending
}

export interface TokenRequest {
  readonly application: string
  readonly realm: string
  readonly resource: string
  readonly assertion: string
}

/** RFC 6749 §5.2. */
export interface TokenError {
  readonly error: 'invalid_request' | 'invalid_client' | 'unsupported_grant_type'
  readonly description: string
}

export interface IssuedToken {
  readonly token: string
  /** ms from the moment of the answer. */
  readonly lifetimeMs: number
}

/** The form to POST. @throws Error on a key that is not RSA */
export async function tokenRequest(order: TokenRequestOrder): Promise<string> {
  const clientId = qualified(order.application, order.realm)
  const nbf = Math.floor(order.wall / 1000)
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: qualified(principals.authorizationServer, order.realm),
    jti: randomToken(order.random, 16),
    nbf,
    exp: nbf + assertionLifetimeMs / 1000,
  }
  return new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    resource: order.resource,
    client_assertion_type: assertionType,
    client_assertion: await signToken(claims, order.identity, order.pending),
  }).toString()
}

export function readTokenRequest(body: string): TokenRequest | TokenError {
  const form = new URLSearchParams(body)
  const names = [...form.keys()]
  if (new Set(names).size < names.length) return tokenError('invalid_request', 'A parameter stands twice.')
  if (form.get('grant_type') !== 'client_credentials') {
    return tokenError('unsupported_grant_type', 'The grant type must be client_credentials.')
  }
  const client = readQualified(form.get('client_id') ?? '')
  const resource = form.get('resource') ?? ''
  if (client === undefined || resource === '') return tokenError('invalid_request', 'client_id or resource is missing.')
  if (form.get('client_assertion_type') !== assertionType) {
    return tokenError('invalid_client', 'The client must prove itself with a signed assertion.')
  }
  return { application: client.principal, realm: client.realm, resource, assertion: form.get('client_assertion') ?? '' }
}

/** Judges the assertion of a request, RFC 7523 §3, against the certificate the client must hold the key of. */
export async function assertionFault(
  { application, realm, assertion }: TokenRequest,
  certificate: string,
  wall: number,
  pending?: Pending,
): Promise<TokenError | undefined> {
  const clientId = qualified(application, realm)
  const token = readToken(assertion)
  if (token === undefined) return tokenError('invalid_client', 'The assertion could not be read.')
  if (token.header['x5t'] !== readCertificate(certificate)?.x5t || !(await verifyToken(token, certificate, pending))) {
    return tokenError('invalid_client', 'The assertion is not signed with the key of the auth certificate.')
  }
  const { claims } = token
  if (textClaim(claims, 'iss') !== clientId || textClaim(claims, 'sub') !== clientId) {
    return tokenError('invalid_client', 'The assertion is about another client.')
  }
  if (textClaim(claims, 'aud') !== qualified(principals.authorizationServer, realm)) {
    return tokenError('invalid_client', 'The assertion is for another authorization server.')
  }
  const fault = lifetimeFault(claims, wall, skewMs)
  return fault === undefined ? undefined : tokenError('invalid_client', `The assertion is ${fault}.`)
}

/** RFC 6749 §5.1, as JSON. */
export function tokenResponse(issued: IssuedToken): string {
  const expires = Math.floor(issued.lifetimeMs / 1000)
  return JSON.stringify({ token_type: 'Bearer', access_token: issued.token, expires_in: expires })
}

/** RFC 6749 §5.2, as JSON. */
export function tokenErrorResponse({ error, description }: TokenError): { status: 400 | 401; body: string } {
  return {
    status: error === 'invalid_client' ? 401 : 400,
    body: JSON.stringify({ error, error_description: description }),
  }
}

/** Reads either answer; what is neither is told in the `description`. */
export function readTokenResponse(
  body: Uint8Array,
): IssuedToken | { readonly error: string; readonly description: string } {
  const answer = readJson(body)
  const token = answer['access_token']
  const seconds = Number(answer['expires_in'])
  if (typeof token === 'string' && seconds > 0) return { token, lifetimeMs: seconds * 1000 }
  const { error, error_description: description } = answer
  if (typeof error === 'string') return { error, description: typeof description === 'string' ? description : error }
  return { error: 'unreadable', description: 'The answer of the authorization server is neither a token nor an error.' }
}

function readJson(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

export const tokenError = (error: TokenError['error'], description: string): TokenError => ({ error, description })
