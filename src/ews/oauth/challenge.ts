/** A Bearer challenge of Exchange, [MS-XOAUTH] §3.2.5.4. */
export interface BearerChallenge {
  /** The principal that tokens must be for. */
  readonly clientId: string
  /** `<issuer>@<realm>`, the realm `*` when any will do. */
  readonly trustedIssuers: readonly string[]
  readonly realm?: string
  /** RFC 6750 §3.1; missing when no token was sent. */
  readonly error?: string
}

/** The token types live Exchange Online names: a user asserted by an application, and an application by itself. */
const tokenTypes = 'app_asserted_user_v1 service_asserted_app_v1'

/** One value of WWW-Authenticate. */
export function writeChallenge(challenge: BearerChallenge): string {
  const parameters = [
    ['client_id', challenge.clientId],
    ['realm', challenge.realm],
    ['trusted_issuers', challenge.trustedIssuers.join(',')],
    ['token_types', tokenTypes],
    ['error', challenge.error],
  ] as const
  const written = parameters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]))
  return `Bearer ${written.join(', ')}`
}

/** Finds the Bearer challenge among the values of WWW-Authenticate, alone or in a list with others (RFC 9110 §11.6.1). */
export function readChallenge(header: string | readonly string[] | undefined): BearerChallenge | undefined {
  const parameters = challengesOf([header ?? ''].flat().join(', ')).find((c) => c.scheme === 'bearer')?.parameters
  const clientId = parameters?.get('client_id')
  if (parameters === undefined || clientId === undefined) return undefined
  const realm = parameters.get('realm')
  const error = parameters.get('error')
  return {
    clientId,
    trustedIssuers: (parameters.get('trusted_issuers') ?? '')
      .split(',')
      .map((i) => i.trim())
      .filter((i) => i !== ''),
    ...(realm === undefined || realm === '' ? {} : { realm }),
    ...(error === undefined ? {} : { error }),
  }
}

interface Challenge {
  readonly scheme: string
  readonly parameters: Map<string, string>
}

/** A scheme is a token not followed by `=`; a parameter belongs to the scheme before it. */
const piece = /([!#$%&'*+.^`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g

function challengesOf(text: string): readonly Challenge[] {
  const found: Challenge[] = []
  for (const [, name = '', quoted, plain] of text.matchAll(piece)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain
    if (value === undefined) found.push({ scheme: name.toLowerCase(), parameters: new Map() })
    else found.at(-1)?.parameters.set(name.toLowerCase(), value)
  }
  return found
}
