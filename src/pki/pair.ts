import { createPrivateKey, X509Certificate } from 'node:crypto'

/** Why a certificate and a private key, both PEM, are no pair; undefined when they are. The first certificate counts. */
export function mismatch(certificate: string, key: string): string | undefined {
  const x509 = readable(() => new X509Certificate(certificate))
  if (x509 === undefined) return 'the certificate cannot be read as PEM'
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key)) return 'the key is encrypted'
  const privateKey = readable(() => createPrivateKey(key))
  if (privateKey === undefined) return 'the key cannot be read as PEM'
  return x509.checkPrivateKey(privateKey) ? undefined : 'the key is not that of the certificate'
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
