const mark = '[redacted]'

/** Secrets as they stand in messages and texts. The mark is ASCII, so that a latin1 text stays one. */
const secrets: readonly (readonly [pattern: RegExp, shown: string])[] = [
  // SDP: SRTP master keys (RFC 4568 §6.1, several stand apart by `;`), MIKEY (RFC 4567), k= (RFC 4566 §5.12).
  [/\b(inline:)[^\s|;"'\\]+/gi, `$1${mark}`],
  [/\b(a=key-mgmt:\S+[ \t]+)[^\s"'\\]+/gi, `$1${mark}`],
  [/^(k=(?:clear|base64|uri):)[^\r\n]+/gim, `$1${mark}`],
  // HTTP and SIP credentials: Basic, the response of Digest (RFC 7616 §3.4), Bearer (RFC 6750 §2.1), any JWT.
  [/(Authorization:\s*Basic\s+)[^\s"'\\]+/gi, `$1${mark}`],
  [/([\s,](?:response|rspauth)\s*=\s*)(?:"[^"\r\n]*"|[^\s",]+)/gi, `$1"${mark}"`],
  [/\b(Bearer\s+)(?![\w-]+\s*=\s*["\w])[\w.~+/=-]{16,}/gi, `$1${mark}`],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*){1,3}/g, mark],
  [
    /((?:access_token|refresh_token|client_secret|client_assertion|assertion|passw(?:or)?d)(?:=|"\s*:\s*"))[^\s"'&,;]+/gi,
    `$1${mark}`,
  ],
  // A password in a URI (RFC 3261 §19.1.1, RFC 3986 §3.2.1).
  [/\b(sips?:[^\s:@;<>"/]+:)[^\s@;<>"/]+(?=@)/gi, `$1${mark}`],
  [/\b(https?:\/\/[^\s:@/"]+:)[^\s@/"]+(?=@)/gi, `$1${mark}`],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, mark],
]

/** Properties whose value is a secret whatever it looks like. */
const secretName = /^(?:\w*(?:password|secret|token|assertion)|(?:private|master|signing|send|receive)?key|salt)$/i

/** A text without the keys and passwords in it. */
export function redactText(text: string): string {
  return secrets.reduce((clean, [pattern, shown]) => clean.replace(pattern, shown), text)
}

/** Plain data without the keys and passwords in it, however deep; bytes stay, unless their name says that they are a key. */
export function redact<T>(value: T): T {
  return clean(value) as T
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecret(name, inner) ? mark : clean(inner)]),
  )
}

function isSecret(name: string, value: unknown): boolean {
  if (!secretName.test(name)) return false
  return typeof value === 'string' || typeof value === 'object'
}
