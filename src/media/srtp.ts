import { timingSafeEqual } from 'node:crypto'
import type { SrtpKey } from './face.ts'
import { PacketCipher, tagLength } from './packet-cipher.ts'
import { rtpHeaderLength, uint16, uint32 } from './rtp.ts'
import { nearestExtended, SeenWindow } from './sequence.ts'
import type { SourceKeystream } from './source-keystream.ts'

/** SRTP with the suite AES_CM_128_HMAC_SHA1_80: RFC 3711, without MKI. */

/** Why a packet was not let through. `replayed`: seen before, or too old to tell. */
export type SrtpFault = 'too-short' | 'authentication' | 'replayed'

const maxSources = 16

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
  readonly keystream: SourceKeystream
}

/** Protects one direction's packets under one master key; each SSRC has a roll-over counter of its own. */
export class SrtpSender {
  readonly #cipher: PacketCipher
  readonly #sources = new Sources<SenderState>()

  /** @throws RangeError when the key is not 16 bytes */
  constructor(key: SrtpKey) {
    this.#cipher = new PacketCipher(key)
  }

  /** `rtp` is a whole RTP packet; one that ends inside its header is authenticated only. */
  protect(rtp: Uint8Array): Uint8Array {
    const { length } = rtp
    const { room } = this.#cipher
    const state = this.#state(uint32(rtp, 8), uint16(rtp, 2))
    const index = nearestExtended(state.highest, uint16(rtp, 2))
    state.highest = Math.max(state.highest, index)
    room.enter(rtp)
    state.keystream.apply(room.words, rtpHeaderLength(rtp) ?? length, length, index)
    room.put(this.#cipher.tag(length, index), length)
    return room.leave(length + tagLength)
  }

  #state(ssrc: number, sequence: number): SenderState {
    const state = this.#sources.get(ssrc) ?? { highest: sequence, keystream: this.#cipher.keystream(ssrc) }
    this.#sources.set(ssrc, state)
    return state
  }
}

interface ReceiverState {
  highest: number
  readonly seen: SeenWindow
  readonly keystream: SourceKeystream
}

/** Checks and decrypts one direction's packets; nothing is remembered of a packet whose tag is wrong. */
export class SrtpReceiver {
  readonly #cipher: PacketCipher
  readonly #sources = new Sources<ReceiverState>()

  /** @throws RangeError when the key is not 16 bytes */
  constructor(key: SrtpKey) {
    this.#cipher = new PacketCipher(key)
  }

  /** The RTP packet in bytes of its own, in the order of RFC 3711 §3.3: index, replay, tag, then decryption. */
  unprotect(srtp: Uint8Array): Uint8Array | SrtpFault {
    const { room } = this.#cipher
    const length = srtp.length - tagLength
    const start = rtpHeaderLength(srtp, length)
    if (start === undefined) return 'too-short'
    const ssrc = uint32(srtp, 8)
    const sequence = uint16(srtp, 2)
    const state = this.#sources.get(ssrc) ?? this.#fresh(ssrc, sequence)
    const index = nearestExtended(state.highest, sequence)
    if (index <= state.highest - state.seen.size || index < 0 || state.seen.has(index)) return 'replayed'
    room.enter(srtp)
    if (!timingSafeEqual(this.#cipher.tag(length, index), srtp.subarray(length))) return 'authentication'
    state.seen.add(index)
    state.highest = Math.max(state.highest, index)
    this.#sources.set(ssrc, state)
    state.keystream.apply(room.words, start, length, index)
    return room.leave(length)
  }

  #fresh(ssrc: number, sequence: number): ReceiverState {
    return { highest: sequence, seen: new SeenWindow(), keystream: this.#cipher.keystream(ssrc) }
  }
}
