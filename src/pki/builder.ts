import { createPublicKey, sign } from 'node:crypto'
import forge from 'node-forge'

const { asn1, pki } = forge

/** Signs what it is told to sign, right or wrong: those who call it know which. */
export interface CertificateOrder {
  /** Common names: whose certificate, and who says so. */
  readonly subject: string
  readonly issuer: string
  /** SPKI and PKCS#8, both PEM: what is certified, and what signs. */
  readonly publicKey: string
  readonly signer: string
  /** Wall ms, cut to the second. */
  readonly notBefore: number
  readonly notAfter: number
  /** A positive number, highest byte first (RFC 5280 §4.1.2.2). */
  readonly serial: Uint8Array
  /** What it may sign: with `true` other certificates, else nothing. */
  readonly authority?: boolean
  /** How many authorities may follow below this one (RFC 5280 §4.2.1.9). */
  readonly pathLength?: number
  /** Leaves keyUsage out, which then restricts nothing. */
  readonly anyKeyUsage?: true
  readonly usage?: readonly Usage[]
  readonly dns?: readonly string[]
  readonly uris?: readonly string[]
  readonly ips?: readonly string[]
  readonly digest?: Digest
}

export type Usage = 'serverAuth' | 'clientAuth'
export type Digest = 'sha256' | 'sha1' | 'md5'

/** RFC 8017 §A.2.4: the RSA signature algorithm of each digest. */
const signatureOids: Readonly<Record<Digest, string>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha1: '1.2.840.113549.1.1.5',
  md5: '1.2.840.113549.1.1.4',
}

/** RFC 5280 §4.2.1.6: the tags of GeneralName. */
const tags = { dns: 2, uri: 6, ip: 7 } as const

/** The types of node-forge leave one function out. */
const untyped = pki as typeof pki & { getTBSCertificate(certificate: forge.pki.Certificate): forge.asn1.Asn1 }

/** One certificate as PEM. RSA keys only. */
export function buildCertificate(order: CertificateOrder): string {
  const certificate = pki.createCertificate()
  certificate.publicKey = pki.publicKeyFromPem(order.publicKey)
  certificate.serialNumber = positive(order.serial)
  certificate.validity = { notBefore: new Date(order.notBefore), notAfter: new Date(order.notAfter) }
  certificate.setSubject(commonName(order.subject))
  certificate.setIssuer(commonName(order.issuer))
  certificate.setExtensions(extensions(order))
  return pki.certificateToPem(signed(certificate, order))
}

/** Node signs in a hundredth of the time that node-forge takes. */
function signed(
  certificate: forge.pki.Certificate,
  { signer, digest = 'sha256' }: CertificateOrder,
): forge.pki.Certificate {
  certificate.signatureOid = certificate.siginfo.algorithmOid = signatureOids[digest]
  certificate.tbsCertificate = untyped.getTBSCertificate(certificate)
  const bytes = Buffer.from(asn1.toDer(certificate.tbsCertificate).getBytes(), 'latin1')
  certificate.signature = sign(digest, bytes, signer).toString('latin1')
  return certificate
}

const commonName = (value: string): object[] => [{ shortName: 'CN', value, valueTagClass: asn1.Type.UTF8 }]

function extensions(order: CertificateOrder): object[] {
  const { authority = false, pathLength, usage } = order
  const names = alternativeNames(order)
  return [
    {
      name: 'basicConstraints',
      cA: authority,
      ...(pathLength === undefined ? {} : { pathLenConstraint: pathLength }),
      critical: true,
    },
    ...(order.anyKeyUsage === true ? [] : [keyUsage(authority)]),
    ...(usage === undefined ? [] : [{ name: 'extKeyUsage', ...Object.fromEntries(usage.map((use) => [use, true])) }]),
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: keyIdentifier(order.signer) },
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
  ]
}

/** RFC 5280 §4.2.1.3. */
const keyUsage = (authority: boolean): object =>
  authority
    ? { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true }
    : { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true }

const alternativeNames = ({ dns = [], uris = [], ips = [] }: CertificateOrder): object[] => [
  ...dns.map((value) => ({ type: tags.dns, value })),
  ...uris.map((value) => ({ type: tags.uri, value })),
  ...ips.map((ip) => ({ type: tags.ip, ip })),
]

/** RFC 5280 §4.2.1.2, method 1: the SHA-1 of the public key. */
function keyIdentifier(signer: string): string {
  const publicKey = createPublicKey(signer).export({ type: 'spki', format: 'pem' })
  return pki.getPublicKeyFingerprint(pki.publicKeyFromPem(publicKey.toString()), { type: 'RSAPublicKey' }).getBytes()
}

/** Hexadecimal of a positive DER INTEGER in its shortest form. */
function positive(serial: Uint8Array): string {
  const digits = Buffer.from(serial)
    .toString('hex')
    .replace(/^(?:00)+/, '')
  if (digits === '') return '01'
  return /^[89a-f]/.test(digits) ? `00${digits}` : digits
}
