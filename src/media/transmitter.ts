import type { Random } from '../kernel/random.ts'
import { below } from '../kernel/random.ts'
import type { Codec, MediaStream } from './face.ts'
import { encode } from './g711.ts'
import { writeRtp } from './rtp.ts'
import type { EventPacket } from './telephone-event.ts'
import { tickSamples } from './ticker.ts'

const samplesPerMs = 8
const shortestMs = 10
const longestMs = 120

const silence: Readonly<Record<Codec, Uint8Array>> = {
  PCMU: encode('PCMU', new Int16Array(tickSamples)),
  PCMA: encode('PCMA', new Int16Array(tickSamples)),
}

/** The leg's own outgoing stream: one SSRC, sequence and timeline from random starts (RFC 3550 §5.1), for the life of the leg. */
export class Transmitter {
  readonly #send: (rtp: Uint8Array) => void
  readonly #ssrc: number
  #sequence: number
  /** Of the next sample to come in. */
  #timestamp: number
  #digitTimestamp = 0
  #started = false
  #codec: Codec = 'PCMU'
  #payloadType = 0
  #telephoneEvent: number | undefined
  #packetSamples = tickSamples
  /** What is sent of this tick, encoded. */
  readonly #tick = new Uint8Array(tickSamples)
  readonly #pending = new Uint8Array(longestMs * samplesPerMs + tickSamples)
  #pendingSamples = 0

  constructor(random: Random, send: (rtp: Uint8Array) => void) {
    this.#send = send
    this.#ssrc = below(random, 2 ** 32)
    this.#sequence = below(random, 2 ** 15)
    this.#timestamp = below(random, 2 ** 32)
  }

  configure(stream: MediaStream): void {
    if (stream.codec !== this.#codec) this.#pendingSamples = 0
    this.#codec = stream.codec
    this.#payloadType = stream.payloadType
    this.#telephoneEvent = stream.telephoneEvent
    this.#packetSamples = samplesOf(stream.ptime)
  }

  /** One tick of audio, 160 samples; silence without them. */
  audio(pcm?: Int16Array): void {
    const bytes = pcm === undefined ? silence[this.#codec] : encode(this.#codec, pcm, this.#tick)
    if (this.#packetSamples === tickSamples && this.#pendingSamples === 0) this.#emitAudio(bytes, this.#timestamp)
    else this.#collect(bytes)
    this.skip(1)
  }

  /** One tick of a digit, in place of audio (RFC 4733 §2.5.1). */
  digit(packet: EventPacket): void {
    if (packet.marker) this.#digitTimestamp = this.#timestamp
    const timestamp = this.#digitTimestamp + packet.timestampOffset
    this.#emit(this.#telephoneEvent ?? this.#payloadType, packet.marker, timestamp, packet.payload)
    this.#pendingSamples = 0
    this.skip(1)
  }

  /** Time that passed unsent. */
  skip(ticks: number): void {
    this.#timestamp = (this.#timestamp + ticks * tickSamples) >>> 0
  }

  #collect(bytes: Uint8Array): void {
    this.#pending.set(bytes, this.#pendingSamples)
    let start = this.#timestamp - this.#pendingSamples
    this.#pendingSamples += bytes.length
    while (this.#pendingSamples >= this.#packetSamples) {
      this.#emitAudio(this.#pending.subarray(0, this.#packetSamples), start)
      this.#pending.copyWithin(0, this.#packetSamples, this.#pendingSamples)
      this.#pendingSamples -= this.#packetSamples
      start += this.#packetSamples
    }
  }

  #emitAudio(payload: Uint8Array, timestamp: number): void {
    this.#emit(this.#payloadType, !this.#started, timestamp, payload)
    this.#started = true
  }

  #emit(payloadType: number, marker: boolean, timestamp: number, payload: Uint8Array): void {
    const sequence = this.#sequence
    this.#sequence = (sequence + 1) & 0xffff
    this.#send(writeRtp({ payloadType, marker, sequence, timestamp: timestamp >>> 0, ssrc: this.#ssrc, payload }))
  }
}

function samplesOf(ptime: number): number {
  if (Number.isNaN(ptime)) return tickSamples
  return samplesPerMs * Math.round(Math.min(longestMs, Math.max(shortestMs, ptime)))
}
