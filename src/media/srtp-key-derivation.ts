import { AesCounterMode } from './aes-cm.ts'
import type { SrtpKey } from './face.ts'

/** What one direction's RTP packets are protected with. */
export interface SessionKeys {
  /** 16 bytes. */
  readonly cipher: Uint8Array
  /** 20 bytes. */
  readonly authentication: Uint8Array
  /** 14 bytes. */
  readonly salt: Uint8Array
}

const labels = { cipher: 0, authentication: 1, salt: 2 } as const
const lengths = { cipher: 16, authentication: 20, salt: 14 } as const

/** RFC 3711 §4.3.1 with a key derivation rate of zero: once for the life of the master key. @throws RangeError when the key is not 16 bytes */
export function deriveSessionKeys(master: SrtpKey): SessionKeys {
  const prf = new AesCounterMode(master.key)
  const derive = (name: keyof typeof labels): Uint8Array => {
    const iv = new Uint8Array(14)
    iv.set(master.salt.subarray(0, 14))
    iv[7] = (iv[7] ?? 0) ^ labels[name]
    return prf.keystream(iv, lengths[name]).slice(0, lengths[name])
  }
  return { cipher: derive('cipher'), authentication: derive('authentication'), salt: derive('salt') }
}
