import { blockLength, digestLength, finish, initialState, paddingLength, putDigest, sha1, takeBlock } from './sha1.ts'
import type { Sha1State } from './sha1.ts'

/** HMAC-SHA1 (RFC 2104) under one key: the two pads are hashed once, not for each message. */
export class HmacSha1 {
  readonly #inner: Sha1State
  readonly #outer: Sha1State
  readonly #state = initialState()
  readonly #digest = new DataView(new ArrayBuffer(digestLength + paddingLength))
  readonly #tag: Uint8Array

  /** @param key of any length; `tagLength`: bytes to which the digest is cut (§5) */
  constructor(key: Uint8Array, tagLength = digestLength) {
    const block = new Uint8Array(blockLength)
    block.set(key.length > blockLength ? sha1(key) : key)
    this.#inner = padded(block, 0x36)
    this.#outer = padded(block, 0x5c)
    this.#tag = new Uint8Array(this.#digest.buffer, 0, tagLength)
  }

  /** The tag over the first `length` of `bytes`, behind which up to `paddingLength` more are overwritten. It stands until the next. */
  tag(bytes: DataView, length: number): Uint8Array {
    this.#hash(this.#inner, bytes, length)
    this.#hash(this.#outer, this.#digest, digestLength)
    return this.#tag
  }

  #hash(pad: Sha1State, bytes: DataView, length: number): void {
    for (let i = 0; i < pad.length; i++) this.#state[i] = pad[i] ?? 0
    finish(this.#state, blockLength, bytes, length)
    putDigest(this.#state, this.#digest)
  }
}

function padded(key: Uint8Array, pad: number): Sha1State {
  const state = initialState()
  takeBlock(state, new DataView(key.map((byte) => byte ^ pad).buffer), 0)
  return state
}
