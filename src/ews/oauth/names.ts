/** Well-known principals of Microsoft's server-to-server OAuth ([MS-XOAUTH] §4, Exchange's configuration of OAuth). */
export const principals = {
  /** Exchange, as the service a token is for and as a partner application. */
  exchange: '00000002-0000-0ff1-ce00-000000000000',
  /** The authorization server: the issuer of actor tokens. */
  authorizationServer: '00000001-0000-0000-c000-000000000000',
  skypeForBusinessOnline: '00000004-0000-0ff1-ce00-000000000000',
  cloudVoicemail: 'db7de2b5-2149-435e-8043-e080dd50afae',
  teamsScheduler: '7557eb47-c689-4224-abcf-aef9bd7573df',
} as const

/** `<principal>@<realm>`: an application or an issuer inside a realm. */
export const qualified = (principal: string, realm: string): string => `${principal}@${realm}`

/** `<client_id>/<hostname>@<realm>`: what a token for Exchange's web services is for. */
export const exchangeAudience = (host: string, realm: string): string => `${principals.exchange}/${host}@${realm}`

/** Reads `<principal>@<realm>`; a slash in front, as Exchange's own configuration shows it, is passed over. */
export function readQualified(text: string): { readonly principal: string; readonly realm: string } | undefined {
  const match = /^\/?([^@/]+)@([^@/]+)$/.exec(text)
  return match === null ? undefined : { principal: match[1] ?? '', realm: match[2] ?? '' }
}

/** Reads `<client_id>/<hostname>@<realm>`. */
export function readAudience(text: string): { principal: string; host: string; realm: string } | undefined {
  const match = /^([^@/]+)\/([^@/]+)@([^@/]+)$/.exec(text)
  return match === null ? undefined : { principal: match[1] ?? '', host: match[2] ?? '', realm: match[3] ?? '' }
}
