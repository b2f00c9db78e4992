/** SDES keying: the crypto attribute of RFC 4568. */

export const suite = 'AES_CM_128_HMAC_SHA1_80'

export interface Crypto {
  readonly tag: number
  readonly suite: string
  /** Master key and salt in one: 30 bytes for AES_CM_128 (RFC 4568 §6.2). */
  readonly keySalt: Uint8Array
}

/** RFC 4568 §6.1: one key, a lifetime; §6.3: of the session parameters WSH alone changes nothing of what is sent. */
const usable = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^\d{1,2}|\d+))?(?:\s+WSH=\d+)?\s*$/i

/**
 * Reads one crypto line: key parameters, and after a space its session parameters. A line that we could not honour
 * (several keys, MKI, wrong length, UNENCRYPTED_SRTP and the like) reads as none.
 */
export function readCrypto(tag: number, name: string, parameters: string): readonly Crypto[] {
  const inline = usable.exec(parameters)
  if (inline === null) return []
  const keySalt = new Uint8Array(Buffer.from(inline[1] ?? '', 'base64'))
  return keySalt.length === 30 ? [{ tag, suite: name, keySalt }] : []
}

export function writeCrypto(crypto: Crypto): { id: number; suite: string; config: string } {
  const inline = `inline:${Buffer.from(crypto.keySalt).toString('base64')}|2^31`
  return { id: crypto.tag, suite: crypto.suite, config: inline }
}
