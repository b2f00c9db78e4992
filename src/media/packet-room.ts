import { allocate } from './slab.ts'

/** Bytes behind the longest packet: for the roll-over counter and the padding of a hash, or for a tag. */
const spare = 128
const ordinary = 1500

/** Where one packet at a time is worked on: its bytes stand as words too, which are fewer, and with some room behind them. */
export class PacketRoom {
  #words = new Int32Array((ordinary + spare) / 4)
  #bytes = new Uint8Array(this.#words.buffer)
  #view = new DataView(this.#words.buffer)

  /** In the byte order of this machine. */
  get words(): Int32Array {
    return this.#words
  }

  get view(): DataView {
    return this.#view
  }

  /** Copies the packet in. */
  enter(packet: Uint8Array): void {
    if (packet.length + spare > this.#bytes.length) this.#widen(packet.length + spare)
    this.#bytes.set(packet)
  }

  put(bytes: Uint8Array, at: number): void {
    this.#bytes.set(bytes, at)
  }

  /** A copy of the first `length` bytes. */
  leave(length: number): Uint8Array {
    const packet = allocate(length)
    packet.set(this.#bytes.subarray(0, length))
    return packet
  }

  #widen(length: number): void {
    this.#words = new Int32Array(Math.ceil(length / 4))
    this.#bytes = new Uint8Array(this.#words.buffer)
    this.#view = new DataView(this.#words.buffer)
  }
}
