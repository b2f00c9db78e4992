/** A fresh RSA key pair as PEM: PKCS#8 private, SPKI public. Slow and random, so handed in. */
export interface KeyPair {
  readonly privateKey: string
  readonly publicKey: string
}

export type KeySource = (bits: number) => Promise<KeyPair>
