import type { Clock } from '../kernel/clock.ts'
import type { HttpRequest } from '../kernel/http.ts'
import { issueActorToken, tokenLifetimeMs } from '../ews/oauth/tokens.ts'
import {
  assertionFault,
  formContentType,
  readTokenRequest,
  tokenError,
  tokenErrorResponse,
  tokenResponse,
  type TokenError,
} from '../ews/oauth/token-endpoint.ts'
import type { Applications } from './applications.ts'
import type { ExchangeConfig, ExchangeKeys } from './config.ts'
import { json, type Answer } from './web.ts'

export interface AuthorizationServerOrder {
  readonly clock: Clock
  readonly config: ExchangeConfig
  readonly keys: ExchangeKeys
  readonly applications: Applications
}

/** The token endpoint of one realm. `realm` is the one in the path. */
export async function answerTokenRequest(
  order: AuthorizationServerOrder,
  realm: string,
  request: HttpRequest,
): Promise<Answer> {
  const { clock, config, keys } = order
  const granted = await judge(order, realm, request)
  if ('error' in granted) return refusal(granted)
  const lifetimeMs = config.tokenLifetimeMs ?? tokenLifetimeMs
  const token = await issueActorToken({
    application: granted.application,
    realm: config.realm,
    host: config.host,
    audience: granted.resource,
    wall: clock.wall(),
    lifetimeMs,
    signer: keys.authorizationServer,
    ...(keys.pending === undefined ? {} : { pending: keys.pending }),
  })
  return { response: json(200, tokenResponse({ token, lifetimeMs }), noStore) }
}

/** Lab choice: no token for an application that has no unexpired key equal to the current auth certificate. */
async function judge(
  { clock, config, keys, applications }: AuthorizationServerOrder,
  realm: string,
  request: HttpRequest,
): Promise<TokenError | { readonly application: string; readonly resource: string }> {
  if (request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== formContentType) {
    return tokenError('invalid_request', `The body must be ${formContentType}.`)
  }
  const asked = readTokenRequest(Buffer.from(request.body).toString('utf8'))
  if ('error' in asked) return asked
  if (realm !== config.realm || asked.realm !== config.realm) {
    return tokenError('invalid_client', 'There is no such realm here.')
  }
  const fault = applications.keyFault(asked.application)
  if (fault !== undefined) return tokenError('invalid_client', fault)
  return (await assertionFault(asked, keys.authCertificate, clock.wall(), keys.pending)) ?? asked
}

function refusal(error: TokenError): Answer {
  const { status, body } = tokenErrorResponse(error)
  return { response: json(status, body, noStore), diagnostics: `${error.error}: ${error.description}` }
}

/** RFC 6749 §5.1. */
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }
