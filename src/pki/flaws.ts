import type { Identity } from '../kernel/tls.ts'
import { type Authority, day, issue, type IssueOrder } from './authority.ts'
import { buildCertificate } from './builder.ts'

/** How each flaw is made from an order for a good certificate. */
const recipes = {
  /** Ended a day before the good one begins. */
  expired: (authority, order) =>
    issue(authority, { ...order, notBefore: order.notBefore - day - span(order), notAfter: order.notBefore - day }),

  /** Begins a day after the good one ends. */
  'not-yet-valid': (authority, order) =>
    issue(authority, { ...order, notBefore: order.notAfter + day, notAfter: order.notAfter + day + span(order) }),

  /** Names a host that nobody has (RFC 6761 §6.4). */
  'wrong-name': (authority, order) =>
    issue(authority, { ...order, subject: stranger, dns: [stranger], uris: [], ips: [] }),

  /** By one who took the authority's name and has another key. */
  'unknown-authority': ({ name }, order) => issue({ name, certificate: '', key: order.keys.privateKey }, order),

  'self-signed': (_authority, { keys, ...order }) => ({
    chain: buildCertificate({ ...order, issuer: order.subject, publicKey: keys.publicKey, signer: keys.privateKey }),
    key: keys.privateKey,
  }),
} satisfies Record<string, (authority: Authority, order: IssueOrder) => Identity>

const stranger = 'wrong-name.invalid'
const span = ({ notBefore, notAfter }: IssueOrder): number => notAfter - notBefore

export type Flaw = keyof typeof recipes

/** Every flaw by name, for lab and scenario files. */
export const flaws = Object.keys(recipes) as readonly Flaw[]

/** What `issue` would make of the order, but for one flaw. The order's dates should enclose the present. */
export function issueFlawed(flaw: Flaw, authority: Authority, order: IssueOrder): Identity {
  return recipes[flaw](authority, order)
}
