import { createCipheriv } from 'node:crypto'

/** Makes AES-CM keystream (RFC 3711 §4.1.1) from one long-lived ECB cipher: a new cipher object a packet costs far more. */
export class AesCounterMode {
  readonly #cipher
  #counters = new Uint8Array(0)

  /** @throws RangeError when the key is not 16 bytes */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  }

  /** `length` bytes or more, up to 2^16 blocks; `iv` is the 14 bytes above the block counter. */
  keystream(iv: Uint8Array, length: number): Uint8Array {
    const blocks = Math.ceil(length / 16)
    if (this.#counters.length < blocks * 16) this.#counters = new Uint8Array(blocks * 16)
    const counters = this.#counters
    for (let block = 0, at = 0; block < blocks; block++, at += 16) {
      counters.set(iv, at)
      counters[at + 14] = block >>> 8
      counters[at + 15] = block
    }
    return this.#cipher.update(counters.subarray(0, blocks * 16))
  }
}
