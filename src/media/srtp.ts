import { createHmac, timingSafeEqual } from 'node:crypto'
import { AesCounterMode } from './aes-cm.ts'
import type { SrtpKey } from './face.ts'
import { rtpHeaderLength, uint16, uint32 } from './rtp.ts'
import { nearestExtended, SeenWindow } from './sequence.ts'
import { deriveSessionKeys } from './srtp-key-derivation.ts'

/** SRTP with the suite AES_CM_128_HMAC_SHA1_80: RFC 3711, without MKI. */

/** Why a packet was not let through. `replayed`: seen before, or too old to tell. */
export type SrtpFault = 'too-short' | 'authentication' | 'replayed'

const tagLength = 10
const maxSources = 16
const cycle = 2 ** 16

/** What is computed for each packet; the index is the 48-bit number of RFC 3711 §3.3.1. */
interface PacketCipher {
  /** Encrypts or decrypts `bytes` from `start` to `end`, in place (§4.1.1). */
  apply(bytes: Uint8Array, start: number, end: number, ssrc: number, index: number): void
  /** The ten bytes of authentication tag over `bytes` and the roll-over counter (§4.2). */
  tag(bytes: Uint8Array, index: number): Uint8Array
}

function packetCipher(master: SrtpKey): PacketCipher {
  const keys = deriveSessionKeys(master)
  const aes = new AesCounterMode(keys.cipher)
  const iv = new Uint8Array(14)
  const view = new DataView(iv.buffer)
  const salt = new DataView(keys.salt.buffer)
  const roc = new Uint8Array(4)
  return {
    apply(bytes, start, end, ssrc, index) {
      iv.set(keys.salt)
      view.setUint32(4, salt.getUint32(4) ^ ssrc)
      view.setUint32(8, salt.getUint32(8) ^ Math.floor(index / cycle))
      view.setUint16(12, salt.getUint16(12) ^ (index % cycle))
      const keystream = aes.keystream(iv, end - start)
      for (let i = start; i < end; i++) bytes[i] = (bytes[i] ?? 0) ^ (keystream[i - start] ?? 0)
    },
    tag(bytes, index) {
      new DataView(roc.buffer).setUint32(0, Math.floor(index / cycle))
      return createHmac('sha1', keys.authentication).update(bytes).update(roc).digest().subarray(0, tagLength)
    },
  }
}

/** State by SSRC, for the sources heard last: the one longest silent makes room. */
class Sources<State> {
  readonly #states = new Map<number, State>()
  #last: { readonly ssrc: number; readonly state: State } | undefined

  get(ssrc: number): State | undefined {
    return this.#last?.ssrc === ssrc ? this.#last.state : this.#states.get(ssrc)
  }

  set(ssrc: number, state: State): void {
    if (this.#last?.ssrc === ssrc && this.#last.state === state) return
    this.#last = { ssrc, state }
    this.#states.delete(ssrc)
    this.#states.set(ssrc, state)
    const [oldest] = this.#states.keys()
    if (this.#states.size > maxSources && oldest !== undefined) this.#states.delete(oldest)
  }
}

interface SenderState {
  highest: number
}

/** Protects one direction's packets under one master key; each SSRC has a roll-over counter of its own. */
export class SrtpSender {
  readonly #cipher: PacketCipher
  readonly #sources = new Sources<SenderState>()

  /** @throws RangeError when the key is not 16 bytes */
  constructor(key: SrtpKey) {
    this.#cipher = packetCipher(key)
  }

  /** `rtp` is a whole RTP packet; one that ends inside its header is authenticated only. */
  protect(rtp: Uint8Array): Uint8Array {
    const ssrc = uint32(rtp, 8)
    const index = this.#index(ssrc, uint16(rtp, 2))
    const srtp = new Uint8Array(rtp.length + tagLength)
    srtp.set(rtp)
    this.#cipher.apply(srtp, rtpHeaderLength(rtp) ?? rtp.length, rtp.length, ssrc, index)
    srtp.set(this.#cipher.tag(srtp.subarray(0, rtp.length), index), rtp.length)
    return srtp
  }

  #index(ssrc: number, sequence: number): number {
    const state = this.#sources.get(ssrc) ?? { highest: sequence }
    const index = nearestExtended(state.highest, sequence)
    state.highest = Math.max(state.highest, index)
    this.#sources.set(ssrc, state)
    return index
  }
}

interface ReceiverState {
  highest: number
  readonly seen: SeenWindow
}

/** Checks and decrypts one direction's packets; nothing is remembered of a packet whose tag is wrong. */
export class SrtpReceiver {
  readonly #cipher: PacketCipher
  readonly #sources = new Sources<ReceiverState>()

  /** @throws RangeError when the key is not 16 bytes */
  constructor(key: SrtpKey) {
    this.#cipher = packetCipher(key)
  }

  /** The RTP packet in bytes of its own, in the order of RFC 3711 §3.3: index, replay, tag, then decryption. */
  unprotect(srtp: Uint8Array): Uint8Array | SrtpFault {
    const length = srtp.length - tagLength
    const protectedPart = srtp.subarray(0, Math.max(0, length))
    const start = rtpHeaderLength(protectedPart)
    if (start === undefined) return 'too-short'
    const ssrc = uint32(srtp, 8)
    const sequence = uint16(srtp, 2)
    const state = this.#sources.get(ssrc) ?? { highest: sequence, seen: new SeenWindow() }
    const index = nearestExtended(state.highest, sequence)
    if (index <= state.highest - state.seen.size || index < 0 || state.seen.has(index)) return 'replayed'
    if (!timingSafeEqual(this.#cipher.tag(protectedPart, index), srtp.subarray(length))) return 'authentication'
    state.seen.add(index)
    state.highest = Math.max(state.highest, index)
    this.#sources.set(ssrc, state)
    const rtp = protectedPart.slice()
    this.#cipher.apply(rtp, start, length, ssrc, index)
    return rtp
  }
}
