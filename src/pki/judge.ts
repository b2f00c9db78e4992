import type { NameRules, PeerJudgement, TlsReason } from '../kernel/tls.ts'
import type { Usage } from './builder.ts'
import { type Certificate, printable, readCertificate, readPem } from './certificate.ts'
import { nameProfiles, namesOf } from './names.ts'
import { findPaths, type Path } from './path.ts'

export interface Question {
  /** DER, leaf first, the rest in any order; empty when the peer sent none. */
  readonly chain: readonly Uint8Array[]
  /** PEM; each text may hold several. */
  readonly anchors: readonly string[]
  /** Wall ms. */
  readonly at: number
  /** What the peer is to us. */
  readonly usage: Usage
  /** Any of them must be proved; no name is asked for when left out. */
  readonly names?: readonly string[]
  readonly rules: NameRules
  /** OpenSSL's own verdict, to be handed on. */
  readonly openssl?: string
}

interface Fault {
  readonly reason: TlsReason
  readonly text: string
}

/** The one verifier: a chain to an anchor (RFC 5280 §6), then the name. Never throws. */
export function judge(question: Question): PeerJudgement {
  const openssl = question.openssl === undefined ? {} : { openssl: question.openssl }
  const [der, ...rest] = question.chain
  if (der === undefined) return { verdict: 'refused', ...missing, names: [], ...openssl }
  const leaf = readCertificate(der)
  if (leaf === undefined) return { verdict: 'refused', ...unreadable, names: [], ...openssl }
  const found = {
    subject: leaf.subject,
    names: namesOf(leaf).map(printable),
    notAfter: leaf.notAfter,
    ...openssl,
  }
  const fault = chainFault(leaf, rest, question)
  if (fault !== undefined) return { verdict: 'refused', ...fault, ...found }
  const wrongName = nameFault(leaf, question)
  return wrongName === undefined ? { verdict: 'trusted', ...found } : { verdict: 'wrong-name', ...wrongName, ...found }
}

const missing: Fault = {
  reason: 'certificate-missing',
  text: 'the peer sent no certificate; expected one of a trusted authority',
}

const unreadable: Fault = {
  reason: 'certificate-unreadable',
  text: 'the peer sent something that is no X.509 certificate',
}

/** The fault of the first path when every path has one. */
function chainFault(leaf: Certificate, rest: readonly Uint8Array[], question: Question): Fault | undefined {
  const anchors = readPem(question.anchors)
  const others = rest
    .slice(0, 10)
    .map(readCertificate)
    .filter((certificate) => certificate !== undefined)
  const { paths, deadEnd } = findPaths(leaf, others, anchors)
  if (paths.length === 0) return noPath(deadEnd, anchors)
  const faults = paths.map((path) => pathFault(path, question))
  return faults.includes(undefined) ? undefined : faults[0]
}

function noPath(deadEnd: Path, anchors: readonly Certificate[]): Fault {
  const [leaf] = deadEnd
  const top = deadEnd.at(-1) ?? leaf
  const trusted = anchors.map(({ subject }) => subject).join('; ') || 'none'
  if (leaf.x509.subject === leaf.x509.issuer && verifies(leaf, leaf)) {
    return {
      reason: 'self-signed',
      text: `${leaf.subject} signed its certificate itself; trusted authorities: ${trusted}`,
    }
  }
  const text = `${leaf.subject} has its certificate from ${top.issuer}, which is not trusted; trusted authorities: ${trusted}`
  return { reason: 'unknown-authority', text }
}

type Check = (path: Path, question: Question) => string | undefined

/** In order of report: the first that answers is the reason. */
const checks: readonly (readonly [TlsReason, Check])[] = [
  ['weak-digest', weakDigest],
  ['bad-signature', badSignature],
  ['key-too-short', keyTooShort],
  ['certificate-not-yet-valid', notYetValid],
  ['certificate-expired', expired],
  ['wrong-usage', wrongUsage],
]

function pathFault(path: Path, question: Question): Fault | undefined {
  for (const [reason, check] of checks) {
    const text = check(path, question)
    if (text !== undefined) return { reason, text }
  }
  return undefined
}

/** An anchor's own signature proves nothing and is not looked at. */
const belowAnchor = (path: Path): readonly Certificate[] => path.slice(0, -1)

function weakDigest(path: Path): string | undefined {
  const one = belowAnchor(path).find(({ weakDigest }) => weakDigest !== undefined)
  return one && `the certificate of ${one.subject} is signed with ${one.weakDigest ?? ''}; expected SHA-256 or better`
}

function badSignature(path: Path): string | undefined {
  const index = belowAnchor(path).findIndex((one, i) => !verifies(one, path[i + 1] ?? one))
  const one = path[index]
  return one && `the signature on the certificate of ${one.subject} is not by the key of ${one.issuer}`
}

function verifies(one: Certificate, issuer: Certificate): boolean {
  try {
    return one.x509.verify(issuer.x509.publicKey)
  } catch {
    return false
  }
}

function keyTooShort(path: Path): string | undefined {
  const one = path.find(({ key }) => key.strength < 2048)
  return one && `the key of ${one.subject} is ${one.key.text}; expected 2048 bits or more, or a curve as strong`
}

function notYetValid(path: Path, { at }: Question): string | undefined {
  const one = path.find(({ notBefore }) => at < notBefore)
  return one && `the certificate of ${one.subject} is valid from ${date(one.notBefore)} on; it is now ${date(at)}`
}

function expired(path: Path, { at }: Question): string | undefined {
  const one = path.find(({ notAfter }) => at > notAfter)
  return one && `the certificate of ${one.subject} expired at ${date(one.notAfter)}; it is now ${date(at)}`
}

/** RFC 5280 §4.2.1.12; an authority with the extension issues for those usages alone, as every TLS library has it. */
const usageOids: Readonly<Record<Usage, string>> = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' }
const anyUsage = '2.5.29.37.0'

function wrongUsage(path: Path, { usage }: Question): string | undefined {
  const may = ({ usages }: Certificate): boolean =>
    usages === undefined || usages.includes(usageOids[usage]) || usages.includes(anyUsage)
  const one = [path[0], ...belowAnchor(path)].find((certificate) => !may(certificate))
  return one && `the certificate of ${one.subject} is for ${usageText(one)}; expected ${usage}`
}

function usageText({ usages = [] }: Certificate): string {
  const name = (oid: string): string => Object.entries(usageOids).find(([, known]) => known === oid)?.[0] ?? oid
  return usages.map(name).join(', ')
}

function nameFault(leaf: Certificate, { names, rules }: Question): Fault | undefined {
  const profile = nameProfiles[rules]
  if (names === undefined || names.some((name) => profile.matches(leaf, name))) return undefined
  const carried = namesOf(leaf).map(printable).join(', ') || 'no name'
  const text = `the certificate carries ${carried}; expected ${names.join(' or ') || 'another'} (${profile.title})`
  return { reason: 'certificate-name', text }
}

const date = (at: number): string => new Date(at).toISOString()
