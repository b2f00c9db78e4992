/** Plain data about TLS, shared by those who ask for it and those who do it. All certificates and keys are PEM text. */

/** A certificate chain, leaf first, and the leaf's private key. */
export interface Identity {
  readonly chain: string
  readonly key: string
}

/** How a peer's name is compared with its certificate: RFC 5922 (SIP) or RFC 6125 (HTTPS, SMTP). */
export type NameRules = 'rfc5922' | 'rfc6125'

/** Exactly what was wrong with a certificate, or with the connection that should have carried it. */
export type TlsReason =
  | 'certificate-missing'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-name'
  | 'unknown-authority'
  | 'self-signed'
  | 'bad-signature'
  | 'key-too-short'
  | 'weak-digest'
  | 'wrong-usage'
  | 'certificate-unreadable'

/** What our verifier made of a peer's certificate. */
export interface PeerJudgement {
  /** `name` is the one fault a server may still talk to: it answers 403 (or its protocol's like) rather than cutting the line. */
  readonly verdict: 'trusted' | 'wrong-name' | 'refused' | 'anonymous'
  readonly reason?: TlsReason
  /** One sentence: what was found, what was expected. */
  readonly text?: string
  readonly subject?: string
  /** Names the certificate carries: DNS and SIP-URI subject alternative names, else the common name. */
  readonly names: readonly string[]
  readonly notAfter?: number
  /** OpenSSL's own verdict, recorded beside ours; undefined where it had nothing to say against it. */
  readonly openssl?: string
}

interface TlsSide {
  /** PEM certificates that a chain must end in. */
  readonly anchors: readonly string[]
  readonly names: NameRules
}

export interface TlsServer extends TlsSide {
  readonly identity: Identity
  readonly clientCertificate: 'required' | 'none'
  /** With a list: a trusted chain that carries none of these names is judged `wrong-name`, and handed up as such. */
  readonly peerNames?: readonly string[]
}

export interface TlsClient extends TlsSide {
  readonly identity?: Identity
  /** The name the server must prove, also sent as SNI when it is not an IP address. */
  readonly serverName: string
}
