import { generateKeyPairSync } from 'node:crypto'
import forge from 'node-forge'
import type { Identity } from '../../src/kernel/tls.ts'

export interface Pair {
  readonly privateKey: string
  readonly publicKey: string
}

/** One RSA key pair in PEM. */
export function rsaPair(): Pair {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

/** A self-signed certificate on that pair; `serial` tells certificates on one pair apart. Dates in wall ms. */
export function selfSigned(
  pair: Pair,
  serial: string,
  notBefore = Date.UTC(2025, 0),
  notAfter = Date.UTC(2030, 0),
): Identity {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey)
  certificate.serialNumber = serial
  certificate.validity.notBefore = new Date(notBefore)
  certificate.validity.notAfter = new Date(notAfter)
  const name = [{ name: 'commonName', value: 'auth.contoso.test' }]
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create())
  return { chain: forge.pki.certificateToPem(certificate), key: pair.privateKey }
}
