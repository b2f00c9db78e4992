import { readCertificate } from './certificate.ts'
import { diagnostics, type Diagnostics } from './diagnostics.ts'
import { lifetimeFault, readToken, textClaim, verifyToken, type Claims, type Pending, type RawToken } from './jws.ts'
import { principals, readAudience, readQualified } from './names.ts'

export interface TrustedIssuer {
  /** As in `iss`: `<principal>@<realm>`. */
  readonly issuer: string
  /** PEM of its signing certificate. */
  readonly certificate: string
}

/** What Exchange holds a token against. */
export interface TokenRules {
  readonly realm: string
  /** Own host names, any case. */
  readonly hosts: readonly string[]
  readonly issuers: readonly TrustedIssuer[]
  /** Allowance for clocks that differ, in ms; five minutes when left out. */
  readonly skewMs?: number
  readonly pending?: Pending
}

export interface AssertedUser {
  readonly nameid: string
  readonly smtp: string
}

export type Judged =
  /** `user` is missing when an application came by itself. */
  | { readonly ok: true; readonly application: string; readonly user?: AssertedUser }
  | { readonly ok: false; readonly diagnostics: Diagnostics }

type Actor = { readonly application: string; readonly nameid: string } | Diagnostics

const fiveMinutes = 300_000

/**
 * Judges a bearer token, [MS-XOAUTH] §3.2.5.6: an actor token by itself, or an unsigned user token that carries one. Never throws.
 * @param wall ms
 */
export async function judgeToken(token: string, rules: TokenRules, wall: number): Promise<Judged> {
  const outer = readToken(token)
  if (outer === undefined) return no(diagnostics('malformed'))
  if (outer.header['alg'] !== 'none') {
    const actor = await judgeActor(outer, rules, wall)
    return 'code' in actor ? no(actor) : { ok: true, application: actor.application }
  }
  const inner = readToken(textClaim(outer.claims, 'actort') ?? '')
  if (inner === undefined || outer.signed) return no(diagnostics('algorithm'))
  const actor = await judgeActor(inner, rules, wall)
  return 'code' in actor ? no(actor) : judgeUser(outer, actor.application, actor.nameid, rules, wall)
}

/** Only RS256 by a trusted certificate will do here, whatever the token itself says of its algorithm. */
async function judgeActor(token: RawToken, rules: TokenRules, wall: number): Promise<Actor> {
  if (token.header['alg'] !== 'RS256') return diagnostics('algorithm')
  const signers = rules.issuers.filter((i) => readCertificate(i.certificate)?.x5t === token.header['x5t'])
  const [signer] = signers
  if (signer === undefined || !(await verifyToken(token, signer.certificate, rules.pending)))
    return diagnostics('signature')
  const issuer = textClaim(token.claims, 'iss') ?? ''
  const realm = readQualified(issuer)?.realm ?? ''
  if (realm !== rules.realm) return diagnostics('tenant', realm)
  if (!signers.some((s) => s.issuer === issuer)) return diagnostics('issuer')
  const nameid = textClaim(token.claims, 'nameid') ?? ''
  const application = readQualified(nameid)
  if (application === undefined) return diagnostics('malformed')
  if (application.realm !== rules.realm) return diagnostics('tenant', application.realm)
  return judgeCommon(token.claims, rules, wall) ?? { application: application.principal, nameid }
}

function judgeUser(token: RawToken, application: string, actor: string, rules: TokenRules, wall: number): Judged {
  if (textClaim(token.claims, 'iss') !== actor.replace(/^\//, '')) return no(diagnostics('actor'))
  const fault = judgeCommon(token.claims, rules, wall)
  if (fault !== undefined) return no(fault)
  const nameid = textClaim(token.claims, 'nameid') ?? ''
  const smtp = textClaim(token.claims, 'smtp') ?? nameid
  return smtp === '' ? no(diagnostics('malformed')) : { ok: true, application, user: { nameid, smtp } }
}

function judgeCommon(claims: Claims, rules: TokenRules, wall: number): Diagnostics | undefined {
  const fault = lifetimeFault(claims, wall, rules.skewMs ?? fiveMinutes)
  if (fault !== undefined) return diagnostics(fault)
  return isOurs(textClaim(claims, 'aud') ?? '', rules) ? undefined : diagnostics('audience')
}

/** Principal and realm by case, the host name without. */
function isOurs(aud: string, rules: TokenRules): boolean {
  const audience = readAudience(aud)
  if (audience?.principal !== principals.exchange || audience.realm !== rules.realm) return false
  return rules.hosts.some((host) => host.toLowerCase() === audience.host.toLowerCase())
}

const no = (why: Diagnostics): Judged => ({ ok: false, diagnostics: why })
