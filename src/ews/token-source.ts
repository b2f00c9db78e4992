import { ask, isUnknown, type OofClientOrder, type OofUnknown } from './answer.ts'
import { readChallenge } from './oauth/challenge.ts'
import { exchangeAudience } from './oauth/names.ts'
import { formContentType, readTokenResponse, tokenRequest } from './oauth/token-endpoint.ts'

/** An actor token, and what it takes to build a user token around it. */
export interface ActorToken {
  readonly token: string
  readonly realm: string
  /** The audience it is for. */
  readonly resource: string
  /** Wall ms. */
  readonly expires: number
}

export interface TokenSource {
  /** The token at hand while it is good for a while yet, else a new one; those who wait together share one request. */
  current(): Promise<ActorToken | OofUnknown>
  /** The token at hand, good or not. */
  held(): ActorToken | undefined
  /** Forgets that token, if it is still the one at hand. */
  drop(token: ActorToken): void
}

/** A token this near its end is not used any more. */
const nearExpiryMs = 60_000

export function createTokenSource(order: OofClientOrder): TokenSource {
  let realm = order.realm
  let held: ActorToken | undefined
  let asked: Promise<ActorToken | OofUnknown> | undefined

  const fetchToken = async (): Promise<ActorToken | OofUnknown> => {
    const known = realm ?? (await discoverRealm(order))
    if (typeof known === 'object') return known
    realm = known
    const issued = await requestToken(order, known)
    if (!isUnknown(issued)) held = issued
    return issued
  }
  return {
    current() {
      if (held !== undefined && held.expires - nearExpiryMs > order.clock.wall()) return Promise.resolve(held)
      asked ??= fetchToken().finally(() => (asked = undefined))
      return asked
    },
    held: () => held,
    drop(token) {
      if (held === token) held = undefined
    },
  }
}

/** Realm discovery, [MS-XOAUTH] §3.2.5.4: an empty Bearer, answered with a challenge. */
async function discoverRealm(order: OofClientOrder): Promise<string | OofUnknown> {
  const purpose = 'realm-discovery'
  const reply = await ask(order, { purpose, url: order.ewsUrl, headers: { authorization: 'Bearer' }, body: '' })
  if (isUnknown(reply)) return reply
  const realm = reply.status === 401 ? readChallenge(reply.headers['www-authenticate'])?.realm : undefined
  const text = 'Exchange answered an empty Bearer without a challenge that names its realm.'
  return realm ?? { known: false, refusedBy: 'ews', status: reply.status, text }
}

async function requestToken(order: OofClientOrder, realm: string): Promise<ActorToken | OofUnknown> {
  const { appId, signingKey, certificate } = order.application
  const resource = order.audience ?? exchangeAudience(order.host, realm)
  const body = await tokenRequest({
    application: appId,
    realm,
    resource,
    identity: { chain: certificate, key: signingKey },
    wall: order.clock.wall(),
    random: order.random,
    ...(order.pending === undefined ? {} : { pending: order.pending }),
  })
  const url = order.tokenUrl.replace('{realm}', () => encodeURIComponent(realm))
  const reply = await ask(order, { purpose: 'token', url, headers: { 'content-type': formContentType }, body })
  if (isUnknown(reply)) return reply
  const answer = readTokenResponse(reply.body)
  if (reply.status !== 200 || !('token' in answer)) {
    const text =
      'description' in answer ? answer.description : 'The authorization server refused with a token in its answer.'
    return { known: false, refusedBy: 'authorization-server', status: reply.status, text }
  }
  const expires = order.clock.wall() + answer.lifetimeMs
  order.emit({ type: 'oauth.token-issued', application: appId, resource, expires })
  return { token: answer.token, realm, resource, expires }
}
