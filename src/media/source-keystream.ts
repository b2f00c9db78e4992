import { ivLength, wholeBlocks } from './aes-cm.ts'
import type { AesCounterMode } from './aes-cm.ts'
import { uint16, uint32 } from './rtp.ts'

const cycle = 2 ** 16
/** Bytes of keystream made at once: 51 packets of G.711, a second. */
const mostAhead = 2 ** 13

/** The keystream of one source (RFC 3711 §4.1.1), made ahead for packets to come while they come in order. */
export class SourceKeystream {
  readonly #aes: AesCounterMode
  readonly #salt: Uint8Array
  readonly #ssrc: number
  /** What is made: for `#packets` packets from index `#first` on, `#each` bytes a packet. */
  #made: Int32Array = new Int32Array()
  #first = 0
  #packets = 0
  #each = wholeBlocks(1)

  /** `salt` is the session's, of 14 bytes. */
  constructor(aes: AesCounterMode, salt: Uint8Array, ssrc: number) {
    this.#aes = aes
    this.#salt = salt
    this.#ssrc = ssrc
  }

  /**
   * Encrypts or decrypts the bytes of `words` from `start`, where an RTP header ends and so does a word, to `end`, and what
   * fills up the last word. `index` is the 48-bit number of §3.3.1.
   */
  apply(words: Int32Array, start: number, end: number, index: number): void {
    const length = end - start
    if (index < this.#first) exclusiveOr(words, start, length, this.#make(index, 1, length), 0)
    else {
      if (index >= this.#first + this.#packets || length > this.#each) this.#goOn(index, length)
      exclusiveOr(words, start, length, this.#made, (index - this.#first) * this.#each)
    }
  }

  /** For one packet after a jump, for twice as many as last time whenever the source has come to the end of them. */
  #goOn(index: number, length: number): void {
    const jumped = index > this.#first + this.#packets
    this.#each = Math.max(this.#each, wholeBlocks(length))
    this.#packets = jumped ? 1 : Math.max(1, Math.min(2 * this.#packets, Math.floor(mostAhead / this.#each)))
    this.#first = index
    this.#made = this.#make(index, this.#packets, this.#each)
  }

  #make(first: number, packets: number, each: number): Int32Array {
    const bytes = this.#aes.keystream(this.#ivs(first, packets), each)
    const words = new Int32Array(bytes.length / 4)
    new Uint8Array(words.buffer).set(bytes)
    return words
  }

  #ivs(first: number, packets: number): Uint8Array {
    const ivs = new DataView(new ArrayBuffer(packets * ivLength))
    const salt = this.#salt
    for (let n = 0, at = 0; n < packets; n++, at += ivLength) {
      const index = first + n
      ivs.setUint32(at, uint32(salt, 0))
      ivs.setUint32(at + 4, uint32(salt, 4) ^ this.#ssrc)
      ivs.setUint32(at + 8, uint32(salt, 8) ^ Math.floor(index / cycle))
      ivs.setUint16(at + 12, uint16(salt, 12) ^ (index % cycle))
    }
    return new Uint8Array(ivs.buffer)
  }
}

/** Places and `length` in bytes. */
function exclusiveOr(words: Int32Array, start: number, length: number, keystream: Int32Array, from: number): void {
  const first = start / 4
  const last = first + length / 4
  const shift = from / 4 - first
  for (let i = first; i < last; i++) words[i] = (words[i] ?? 0) ^ (keystream[i + shift] ?? 0)
}
