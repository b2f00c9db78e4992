import type { HeaderField, Headers } from '../sip/message/headers.ts'
import { formatDiversion, readDiversions } from '../sip/message/diversion.ts'
import { formatNameAddr, parseNameAddr } from '../sip/message/name-addr.ts'
import { formatUri, parseUri } from '../sip/message/uri.ts'

/**
 * Topology hiding by allow-list: nothing of a message crosses the border but what is named here, and every host in it
 * becomes ours. The engine writes Via, Contact, Call-ID and tags anew.
 */
export function crossing(headers: Headers, host: string): readonly HeaderField[] {
  return readDiversions(headers).map(({ uri, display, reason, params }) => ({
    name: 'Diversion',
    value: formatDiversion({
      ...shown(display, uri),
      uri: rehost(uri, host),
      reason: reasons.has(reason) ? reason : 'unknown',
      params: known(params),
    }),
  }))
}

/** A From or To of the other side: the user and the display name stay, host and parameters do not. */
export function crossingParty(value: string | undefined, host: string): string {
  const party = parseNameAddr(value ?? '')
  const uri = party?.uri ?? ''
  return formatNameAddr({ ...shown(party?.display, uri), uri: rehost(uri, host), params: new Map() })
}

/** The same user at another host; no port, no parameters, neither the URI's nor the user's own (RFC 3261 §19.1.6). */
export function rehost(uri: string, host: string): string {
  const user = parseUri(uri)?.user?.split(';')[0] ?? ''
  const stays = user !== '' && !tellsWhere(user, uri)
  return formatUri({ scheme: 'sip', user: stays ? user : 'anonymous', host, params: new Map() })
}

/** RFC 5806 §9: the reasons there are; any other text could say anything. */
const reasons: ReadonlySet<string> = new Set([
  'unknown',
  'user-busy',
  'no-answer',
  'unavailable',
  'unconditional',
  'time-of-day',
  'do-not-disturb',
  'deflection',
  'follow-me',
  'out-of-service',
  'away',
])

/** RFC 5806 §9: the parameters that say nothing of where we are, and what their values are. */
const parameters: ReadonlyMap<string, RegExp> = new Map([
  ['counter', /^\d{1,2}$/],
  ['limit', /^\d{1,2}$/],
  ['privacy', /^(?:full|name|uri|off)$/i],
  ['screen', /^(?:yes|no)$/i],
])

function known(params: ReadonlyMap<string, string | undefined>): ReadonlyMap<string, string | undefined> {
  return new Map([...params].filter(([name, value]) => parameters.get(name)?.test(value ?? '') === true))
}

function shown(display: string | undefined, uri: string): { readonly display?: string } {
  return display === undefined || tellsWhere(display, uri) ? {} : { display }
}

/** A text that holds the host of its own URI, an IP address, or another URI's host behind `@` or a scheme. */
function tellsWhere(text: string, uri: string): boolean {
  const own = parseUri(uri)?.host.toLowerCase() ?? ''
  const lower = text.toLowerCase()
  const held = own.includes('.') ? lower.includes(own) : own !== '' && lower.split(/[^-\w.:]+/).includes(own)
  return held || /@|\bsips?:|\btel:|\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}/i.test(text)
}
