import type { Identity } from '../../kernel/tls.ts'
import { signToken, unsignedToken, type Pending } from './jws.ts'
import { exchangeAudience, principals, qualified } from './names.ts'

/** Life of a token in Microsoft's sample ([MS-XOAUTH] §4.4): 28,800 s. */
export const tokenLifetimeMs = 28_800_000

/** What stands in every token of the scheme. */
export interface TokenOrder {
  /** Application id of the one who acts, as in CloudVoicemail's. */
  readonly application: string
  readonly realm: string
  /** Host name of Exchange's web services. */
  readonly host: string
  /** In place of the audience that realm and host make. */
  readonly audience?: string
  /** Wall ms of now. */
  readonly wall: number
  /** ms; 28,800,000 when left out. */
  readonly lifetimeMs?: number
}

/**
 * The actor token: what the authorization server says about an application, signed RS256 with x5t.
 * @throws Error on a signing key that is not RSA
 */
export function issueActorToken(
  order: TokenOrder & { readonly signer: Identity; readonly pending?: Pending },
): Promise<string> {
  const claims = {
    aud: audienceOf(order),
    iss: qualified(principals.authorizationServer, order.realm),
    ...lifetime(order),
    nameid: qualified(order.application, order.realm),
  }
  return signToken(claims, order.signer, order.pending)
}

/** The self-issued user token of [MS-XOAUTH] §4.4: unsigned, its strength is the signed actor token inside. */
export function wrapUserToken(order: TokenOrder & { readonly actor: string; readonly smtp: string }): string {
  return unsignedToken({
    aud: audienceOf(order),
    iss: qualified(order.application, order.realm),
    ...lifetime(order),
    nameid: order.smtp,
    smtp: order.smtp,
    actort: order.actor,
  })
}

const audienceOf = (order: TokenOrder): string => order.audience ?? exchangeAudience(order.host, order.realm)

/** Seconds as text, as [MS-XOAUTH] §4.4 has them. */
function lifetime({ wall, lifetimeMs = tokenLifetimeMs }: TokenOrder): { nbf: string; exp: string } {
  return { nbf: String(Math.floor(wall / 1000)), exp: String(Math.floor((wall + lifetimeMs) / 1000)) }
}
