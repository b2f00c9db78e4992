import { X509Certificate } from 'node:crypto'
import { type Der, readDer } from './der.ts'

/** What the verifier needs of one certificate. */
export interface Certificate {
  readonly x509: X509Certificate
  /** Distinguished names in one line, as in `CN=sbc.example, O=Lab`. */
  readonly subject: string
  readonly issuer: string
  readonly commonNames: readonly string[]
  /** Absent when there is no subjectAltName extension. */
  readonly alternative?: AlternativeNames
  /** Wall ms. */
  readonly notBefore: number
  readonly notAfter: number
  /** Digest of the signature when it is one that can be forged, as in `SHA-1`. */
  readonly weakDigest?: string
  readonly key: PublicKey
  /** Object identifiers of the extended key usage; absent when anything goes. */
  readonly usages?: readonly string[]
  /** How many authorities may stand between this one and a leaf (RFC 5280 §4.2.1.9). */
  readonly pathLength?: number
}

export interface AlternativeNames {
  readonly dns: readonly string[]
  readonly uris: readonly string[]
}

interface PublicKey {
  /** As in `RSA 2048`. */
  readonly text: string
  /** RSA bits of about the same strength (NIST SP 800-57 part 1, table 2). */
  readonly strength: number
}

/** Reading one takes longer than checking its signature, and a lab meets the same few again and again. */
const remembered = new Map<string, Certificate>()
const mostRemembered = 64

/** DER or PEM; undefined for anything that is not a whole certificate. */
export function readCertificate(bytes: Uint8Array | string): Certificate | undefined {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1')
  const known = remembered.get(text)
  if (known !== undefined) return known
  const certificate = readAnew(bytes)
  if (certificate === undefined) return undefined
  const [oldest] = remembered.keys()
  if (remembered.size === mostRemembered && oldest !== undefined) remembered.delete(oldest)
  remembered.set(text, certificate)
  return certificate
}

function readAnew(bytes: Uint8Array | string): Certificate | undefined {
  try {
    const x509 = new X509Certificate(bytes)
    const certificate = { ...readNode(x509), ...readDer(x509.raw) }
    return Number.isNaN(certificate.notBefore + certificate.notAfter) ? undefined : certificate
  } catch {
    return undefined
  }
}

/** Every readable certificate in PEM texts, of which each may hold several. */
export function readPem(texts: readonly string[]): Certificate[] {
  const blocks = texts.flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
  return blocks.map(readCertificate).filter((certificate) => certificate !== undefined)
}

export const same = (a: Certificate, b: Certificate): boolean => a.x509.raw.equals(b.x509.raw)

function readNode(x509: X509Certificate): Omit<Certificate, keyof Der> {
  return {
    x509,
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    notBefore: Date.parse(x509.validFrom),
    notAfter: Date.parse(x509.validTo),
    key: publicKey(x509),
  }
}

function publicKey({ publicKey: { asymmetricKeyType, asymmetricKeyDetails = {} } }: X509Certificate): PublicKey {
  const { modulusLength, namedCurve } = asymmetricKeyDetails
  const text = [asymmetricKeyType?.toUpperCase(), namedCurve ?? modulusLength].join(' ').trim()
  const curveBits = Number(/\d+/.exec(namedCurve ?? '256')?.[0])
  return { text, strength: modulusLength ?? (curveBits >= 224 ? 2048 : 1024) }
}

/** For messages: no control characters, no endless names. */
const oneLine = (name: string | undefined): string => printable((name ?? '').split('\n').join(', '))

export const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?').slice(0, 200)
