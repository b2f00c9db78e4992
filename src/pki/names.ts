import type { NameRules } from '../kernel/tls.ts'
import type { Certificate } from './certificate.ts'

/** How a certificate proves a name, and what to say when it does not. */
interface NameProfile {
  /** As in `RFC 5922`. */
  readonly title: string
  matches(certificate: Certificate, name: string): boolean
}

export const nameProfiles: Readonly<Record<NameRules, NameProfile>> = {
  /** No wildcards (§7.2). */
  rfc5922: {
    title: 'RFC 5922 §7',
    matches: (certificate, name) => sipDomains(certificate).some((domain) => canonical(domain) === canonical(name)),
  },
  rfc6125: {
    title: 'RFC 6125 §6',
    matches: (certificate, name) =>
      isAddress(name)
        ? certificate.x509.checkIP(name) !== undefined
        : (certificate.alternative?.dns ?? []).some((pattern) => matchesHost(canonical(pattern), canonical(name))),
  },
}

/** What a certificate says it is: DNS and SIP-URI alternative names, else the common name. */
export function namesOf({ alternative, commonNames }: Certificate): readonly string[] {
  const names = [...(alternative?.dns ?? []), ...(alternative?.uris ?? []).filter((uri) => /^sips?:/i.test(uri))]
  return names.length === 0 ? commonNames : names
}

/** RFC 5922 §7.1: SIP URIs, else DNS names; the common name only where there is no subjectAltName at all. */
function sipDomains({ alternative, commonNames }: Certificate): readonly string[] {
  if (alternative === undefined) return commonNames
  const uris = alternative.uris.map(sipDomain).filter((domain) => domain !== undefined)
  return uris.length === 0 ? alternative.dns : uris
}

/** The host of a SIP URI; one with a user is a person's, not a domain's. */
const sipDomain = (uri: string): string | undefined =>
  /^sip:(\[[^\]@]+\]|[^@:;?[\]]+)(?::\d+)?(?:[;?][^@]*)?$/i.exec(uri)?.[1]

/** RFC 6125 §6.4.3: a wildcard is the whole leftmost label and stands for one label, and two more must follow. */
function matchesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  const parent = pattern.slice(1)
  const label = host.slice(0, -parent.length)
  return parent.split('.').length > 2 && host.endsWith(parent) && label !== '' && !label.includes('.')
}

const isAddress = (name: string): boolean => /^\d+(?:\.\d+){3}$|:/.test(name)
const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '')
