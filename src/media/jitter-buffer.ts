/** Samples of room, at 8 kHz: about one second; a power of two. */
const room = 8192
/** Samples of the longest payload taken: 240 ms. */
const longest = 1920
/** So many packets in a row behind the playout point mean that the sender's timestamps moved; fewer are a burst held up on its way. */
const lateBeforeRestart = 25

/**
 * Received G.711 laid out by RTP timestamp, one byte a sample, and read a fixed delay behind its arrival.
 * Packets of any length, order and number of copies land where they belong.
 */
export class JitterBuffer {
  readonly #delay: number
  readonly #bytes = new Uint8Array(room)
  /** One for each byte that is held. */
  readonly #filled = new Uint8Array(room)
  readonly #fours = new DataView(this.#filled.buffer)
  /** RTP timestamp of the sample read next. */
  #position: number | undefined
  /** RTP timestamp after the last sample held. */
  #end = 0
  #late = 0

  /** `delay` in samples between the arrival of a stream's first packet and its playing. */
  constructor(delay: number) {
    this.#delay = delay
  }

  /** `false`: too late, or too long. `marker` starts a talkspurt (RFC 3551 §4.1), which may set the timeline anew. */
  insert(timestamp: number, payload: Uint8Array, marker: boolean): boolean {
    if (payload.length > longest) return false
    const offset = this.#offset(timestamp)
    const end = offset + payload.length
    if (end > room || offset < -room) return this.#restart(timestamp, payload)
    if (end > 0) {
      this.#late = 0
      this.#put(timestamp, offset < 0 ? payload.subarray(-offset) : payload, Math.max(0, offset))
      return true
    }
    this.#late++
    return marker || this.#late >= lateBeforeRestart ? this.#restart(timestamp, payload) : false
  }

  /** Moves on by the length of `into`; fills in what is there and answers how many samples that were. The rest of `into` is left alone. */
  read(into: Uint8Array): number {
    if (this.#position === undefined) return 0
    const start = this.#position & (room - 1)
    this.#position = (this.#position + into.length) >>> 0
    return this.#whole(start, into.length) ? this.#take(start, into) : this.#pick(start, into)
  }

  /** Samples from the next one to be read to the last one held. */
  get ahead(): number {
    return this.#position === undefined ? 0 : Math.max(0, (this.#end - this.#position) | 0)
  }

  /** Forgets what it holds and where it stood: the next packet starts a new timeline. */
  reset(): void {
    this.#position = undefined
    this.#filled.fill(0)
    this.#late = 0
  }

  /** Whether so many bytes are held in one piece, without the end of the room between them. */
  #whole(start: number, length: number): boolean {
    if (length % 4 !== 0 || start + length > room) return false
    for (let at = start; at < start + length; at += 4) if (this.#fours.getInt32(at) !== 0x01010101) return false
    return true
  }

  #take(start: number, into: Uint8Array): number {
    into.set(this.#bytes.subarray(start, start + into.length))
    this.#filled.fill(0, start, start + into.length)
    return into.length
  }

  /** What is held, byte by byte. */
  #pick(start: number, into: Uint8Array): number {
    let found = 0
    for (let i = 0; i < into.length; i++) {
      const at = (start + i) & (room - 1)
      if (this.#filled[at] === 0) continue
      this.#filled[at] = 0
      into[i] = this.#bytes[at] ?? 0
      found++
    }
    return found
  }

  #offset(timestamp: number): number {
    if (this.#position === undefined) this.#position = this.#end = (timestamp - this.#delay) >>> 0
    return (timestamp - this.#position) | 0
  }

  #restart(timestamp: number, payload: Uint8Array): boolean {
    this.reset()
    this.#put(timestamp, payload, this.#offset(timestamp))
    return true
  }

  #put(timestamp: number, payload: Uint8Array, offset: number): void {
    const start = ((this.#position ?? timestamp) + offset) & (room - 1)
    const end = ((this.#position ?? timestamp) + offset + payload.length) >>> 0
    if (this.ahead === 0 || ((end - this.#end) | 0) > 0) this.#end = end
    if (start + payload.length <= room) this.#hold(payload, start)
    else {
      this.#hold(payload.subarray(0, room - start), start)
      this.#hold(payload.subarray(room - start), 0)
    }
  }

  #hold(bytes: Uint8Array, at: number): void {
    this.#bytes.set(bytes, at)
    this.#filled.fill(1, at, at + bytes.length)
  }
}
