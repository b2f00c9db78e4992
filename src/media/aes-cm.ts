import { createCipheriv } from 'node:crypto'
import { uint16, uint32 } from './rtp.ts'

const blockLength = 16
/** Bytes of an IV: what stands above the block counter. */
export const ivLength = 14

/** Makes AES-CM keystream (RFC 3711 §4.1.1) from one long-lived ECB cipher: a new cipher object a packet costs far more. */
export class AesCounterMode {
  readonly #cipher
  #counters = new DataView(new ArrayBuffer(0))

  /** @throws RangeError when the key is not 16 bytes */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  }

  /**
   * For each of `ivs`, 14 bytes one after the other: `length` bytes filled up to whole blocks, up to 2^16 of them.
   * One call for many costs little more than one for one.
   */
  keystream(ivs: Uint8Array, length: number): Uint8Array {
    const each = wholeBlocks(length)
    const all = (ivs.length / ivLength) * each
    if (this.#counters.byteLength < all) this.#counters = new DataView(new ArrayBuffer(all))
    for (let iv = 0, at = 0; iv < ivs.length; iv += ivLength, at += each) putCounters(this.#counters, at, each, ivs, iv)
    return this.#cipher.update(new Uint8Array(this.#counters.buffer, 0, all))
  }
}

/** Bytes of the blocks that `length` bytes need. */
export const wholeBlocks = (length: number): number => blockLength * Math.ceil(length / blockLength)

function putCounters(counters: DataView, start: number, length: number, ivs: Uint8Array, iv: number): void {
  const first = uint32(ivs, iv)
  const second = uint32(ivs, iv + 4)
  const third = uint32(ivs, iv + 8)
  const last = uint16(ivs, iv + 12) << 16
  for (let block = 0, at = start; at < start + length; block++, at += blockLength) {
    counters.setUint32(at, first)
    counters.setUint32(at + 4, second)
    counters.setUint32(at + 8, third)
    counters.setInt32(at + 12, last | block)
  }
}
