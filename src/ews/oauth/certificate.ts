import { X509Certificate } from 'node:crypto'

/** What OAuth needs to know of a certificate. */
export interface CertificateFacts {
  /** Base64url of the SHA-1 thumbprint: the JOSE header x5t (RFC 7515 §4.1.7). */
  readonly x5t: string
  /** The same in 40 hexadecimal digits, as Exchange shows it. */
  readonly thumbprint: string
  /** Base64 of the DER. */
  readonly der: string
  /** Wall ms. */
  readonly notBefore: number
  /** Wall ms. */
  readonly notAfter: number
}

/** Reads the first certificate of a PEM text; undefined when there is none. */
export function readCertificate(pem: string): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(pem)
    const thumbprint = certificate.fingerprint.replaceAll(':', '')
    return {
      x5t: Buffer.from(thumbprint, 'hex').toString('base64url'),
      thumbprint,
      der: certificate.raw.toString('base64'),
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
    }
  } catch {
    return undefined
  }
}
