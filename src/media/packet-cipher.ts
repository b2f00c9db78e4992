import { AesCounterMode } from './aes-cm.ts'
import type { SrtpKey } from './face.ts'
import { HmacSha1 } from './hmac-sha1.ts'
import { PacketRoom } from './packet-room.ts'
import { SourceKeystream } from './source-keystream.ts'
import { deriveSessionKeys } from './srtp-key-derivation.ts'

export const tagLength = 10
/** Packets in one turn of the roll-over counter. */
const cycle = 2 ** 16

/** What is done to each packet under one master key, in one room; the index is the 48-bit number of RFC 3711 §3.3.1. */
export class PacketCipher {
  readonly room = new PacketRoom()
  readonly #salt: Uint8Array
  readonly #aes: AesCounterMode
  readonly #mac: HmacSha1

  /** @throws RangeError when the key is not 16 bytes */
  constructor(master: SrtpKey) {
    const keys = deriveSessionKeys(master)
    this.#salt = keys.salt
    this.#aes = new AesCounterMode(keys.cipher)
    this.#mac = new HmacSha1(keys.authentication, tagLength)
  }

  keystream(ssrc: number): SourceKeystream {
    return new SourceKeystream(this.#aes, this.#salt, ssrc)
  }

  /** The tag over the first `length` bytes in the room and the roll-over counter, which is written behind them (§4.2). It stands until the next. */
  tag(length: number, index: number): Uint8Array {
    const { view } = this.room
    view.setUint32(length, Math.floor(index / cycle))
    return this.#mac.tag(view, length + 4)
  }
}
