import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import type { SrtpKey } from '../../src/media/face.ts'
import { deriveSessionKeys } from '../../src/media/srtp-key-derivation.ts'

const headerLength = 12
const tagLength = 10

/** The reference: RFC 3711 with a cipher object and a MAC object of node:crypto for each packet. Fixed header only, first cycle only. */
export class NodeSrtp {
  readonly #keys: ReturnType<typeof deriveSessionKeys>
  readonly #roc = new Uint8Array(4)

  constructor(key: SrtpKey) {
    this.#keys = deriveSessionKeys(key)
  }

  protect(rtp: Uint8Array): Uint8Array {
    const srtp = new Uint8Array(rtp.length + tagLength)
    srtp.set(rtp.subarray(0, headerLength))
    srtp.set(this.#crypted(rtp, rtp.length), headerLength)
    srtp.set(this.#tag(srtp.subarray(0, rtp.length)), rtp.length)
    return srtp
  }

  unprotect(srtp: Uint8Array): Uint8Array | undefined {
    const length = srtp.length - tagLength
    if (!timingSafeEqual(this.#tag(srtp.subarray(0, length)), srtp.subarray(length))) return undefined
    const rtp = srtp.slice(0, length)
    rtp.set(this.#crypted(srtp, length), headerLength)
    return rtp
  }

  #crypted(packet: Uint8Array, end: number): Uint8Array {
    const iv = new Uint8Array(16)
    iv.set(packet.subarray(8, 12), 4)
    iv.set(packet.subarray(2, 4), 12)
    for (let i = 0; i < 14; i++) iv[i] = (iv[i] ?? 0) ^ (this.#keys.salt[i] ?? 0)
    return createCipheriv('aes-128-ctr', this.#keys.cipher, iv).update(packet.subarray(headerLength, end))
  }

  #tag(authenticated: Uint8Array): Uint8Array {
    const mac = createHmac('sha1', this.#keys.authentication)
    return mac.update(authenticated).update(this.#roc).digest().subarray(0, tagLength)
  }
}
