import type { Address } from '../kernel/address.ts'
import type { MediaStream } from './face.ts'
import { Keyed } from './keyed.ts'
import { Playout } from './playout.ts'
import type { Rejection } from './rejections.ts'
import { isRtcp, parseRtp } from './rtp.ts'
import type { RtpPacket } from './rtp.ts'
import { SequenceTracker } from './sequence.ts'
import { SourceGate } from './source-gate.ts'
import { SrtpReceiver } from './srtp.ts'
import { DigitReceiver } from './telephone-event.ts'

/** RFC 3389: silence, which we make ourselves. */
const comfortNoise = 13

export interface ReceiverListener {
  rejected(reason: Rejection): void
  /** Packets come from elsewhere than the SDP said. */
  latched(source: Address): void
  digit(digit: string): void
  /** Every good packet while `relaying`: the whole plain packet, and what it holds. */
  relay(rtp: Uint8Array, packet: RtpPacket): void
}

/** What comes in on a leg: who sent it, whether it is genuine, what it holds and where it belongs. */
export class Receiver {
  readonly playout = new Playout()
  relaying = false
  /** Whether what comes in is kept for `playout` while relaying. */
  listening = false
  readonly #listener: ReceiverListener
  readonly #srtp = new Keyed((key) => new SrtpReceiver(key))
  readonly #digits = new DigitReceiver()
  #stream: MediaStream
  #gate: SourceGate
  #ssrc: number | undefined
  #tracker = new SequenceTracker()
  #lostBefore = 0
  #received = 0

  /** @throws RangeError when the key has a wrong length */
  constructor(stream: MediaStream, listener: ReceiverListener) {
    this.#listener = listener
    this.#stream = stream
    this.#gate = new SourceGate(stream.remote, stream.receiveKey !== undefined)
    this.#srtp.use(stream.receiveKey)
  }

  get received(): number {
    return this.#received
  }

  get lost(): number {
    return this.#lostBefore + this.#tracker.lost
  }

  /** Where to send: where packets come from, else where the SDP said. */
  get target(): Address | undefined {
    return this.#gate.target
  }

  /** After a renewed offer. @throws RangeError when the key has a wrong length */
  configure(stream: MediaStream): void {
    this.#srtp.use(stream.receiveKey)
    if (stream.codec !== this.#stream.codec) this.playout.buffer.reset()
    const keyed = stream.receiveKey !== undefined
    if (!this.#gate.sameAs(stream.remote, keyed)) this.#gate = new SourceGate(stream.remote, keyed)
    this.#stream = stream
  }

  receive(bytes: Uint8Array, from: Address): void {
    if (isRtcp(bytes)) return
    const standing = this.#gate.judge(from)
    const rtp = standing === 'stray' ? 'stray-source' : this.#opened(bytes)
    if (typeof rtp === 'string') {
      this.#listener.rejected(rtp)
      return
    }
    const packet = parseRtp(rtp)
    if (packet === undefined) {
      this.#listener.rejected('not-rtp')
      return
    }
    if (standing === 'maybe' && this.#gate.accept(from)) this.#listener.latched(from)
    this.#received++
    this.#take(rtp, packet)
  }

  #opened(bytes: Uint8Array): Uint8Array | Rejection {
    if ((bytes[0] ?? 0) >> 6 !== 2) return 'not-rtp'
    return this.#srtp.context === undefined ? bytes : this.#srtp.context.unprotect(bytes)
  }

  #take(rtp: Uint8Array, packet: RtpPacket): void {
    const { payloadType, telephoneEvent } = this.#stream
    if (packet.ssrc !== this.#ssrc && packet.payloadType !== telephoneEvent) this.#follow(packet.ssrc)
    if (packet.ssrc === this.#ssrc && this.#tracker.update(packet.sequence) === 'duplicate') return
    if (this.relaying) this.#listener.relay(rtp, packet)
    if (this.relaying && !this.listening) return
    if (packet.payloadType === payloadType) {
      this.playout.buffer.insert(packet.timestamp, packet.payload, packet.marker)
    } else if (packet.payloadType === telephoneEvent) this.#takeDigit(packet)
    else if (packet.payloadType !== comfortNoise) this.#listener.rejected('payload-type')
  }

  #takeDigit(packet: RtpPacket): void {
    const digit = this.#digits.receive(packet)
    if (digit !== undefined) this.#listener.digit(digit)
  }

  /** A new source starts a sequence and a timeline of its own (RFC 3550 §8). */
  #follow(ssrc: number): void {
    this.#lostBefore += this.#tracker.lost
    this.#tracker = new SequenceTracker()
    this.#ssrc = ssrc
    this.playout.buffer.reset()
  }
}
