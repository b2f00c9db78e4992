import type { Address } from '../kernel/address.ts'

/** Media as services see it. Everything that crosses it is plain data: the engine may live in a worker thread. */

export type Codec = 'PCMU' | 'PCMA'

/** Master key (16 bytes) and salt (14 bytes) of one direction, suite AES_CM_128_HMAC_SHA1_80 (RFC 4568 §6.2.1). */
export interface SrtpKey {
  readonly key: Uint8Array
  readonly salt: Uint8Array
}

export interface OpenOrder {
  /** Host to bind; the port is the system's choice, or from `ports`. */
  readonly bind: string
  /** Host to write into SDP; `bind` when left out. */
  readonly advertised?: string
  /** Even RTP ports from the first to the last, both included. */
  readonly ports?: readonly [number, number]
}

/** What offer and answer settled. */
export interface MediaStream {
  readonly remote: Address
  readonly codec: Codec
  /** Payload type of `codec` as we send it, and as we receive it. */
  readonly payloadType: number
  /** Payload type of telephone-event (RFC 4733), when both sides have it. */
  readonly telephoneEvent?: number
  /** ms per packet we send: 20 unless the peer asked otherwise. */
  readonly ptime: number
  /** Both or neither: SRTP or RTP. */
  readonly sendKey?: SrtpKey
  readonly receiveKey?: SrtpKey
}

export interface RecordOrder {
  /** Name in the recordings store. PCM16 little-endian, mono, 8 kHz, no header; time without packets is silence. */
  readonly name: string
  readonly maxMs?: number
  /** End after this much silence, counted from the start or from the last speech. */
  readonly silenceMs?: number
  /** End at one of these digits, as in `#`. */
  readonly stopDigits?: string
  /** Synced so often while it grows, so that a loss of power takes no more of it; only at its end when left out. */
  readonly syncMs?: number
}

export type RecordEnd = 'digit' | 'silence' | 'limit' | 'stopped' | 'closed' | 'failed'

export interface Recorded {
  readonly end: RecordEnd
  /** Length of the file in ms. */
  readonly ms: number
  /** ms of trailing silence in it. */
  readonly trailingSilenceMs: number
}

export interface Recording {
  /** Resolves when the file is closed and synced. Never rejects. */
  readonly finished: Promise<Recorded>
  stop(): Promise<Recorded>
}

export interface MediaSummary {
  readonly sent: number
  readonly received: number
  /** Expected by sequence number but never seen. */
  readonly lost: number
  /** Dropped: not RTP, wrong authentication tag, replayed. */
  readonly rejected: number
}

/** One leg's media: a socket, what is sent and what is received. */
export interface LocalMedia {
  /** The address for SDP. */
  readonly address: Address
  /** Starts sending and receiving. Called again after a re-INVITE. */
  connect(stream: MediaStream): void
  /** Sends PCM16 mono at 8 kHz from the next tick on; ends what was playing. Resolves `true` when played out, `false` when ended before. */
  play(pcm: Int16Array): Promise<boolean>
  stopPlaying(): void
  /** Sends digits as telephone-event one after the other (RFC 4733); resolves after the last. */
  sendDigits(digits: string): Promise<void>
  /** Each digit received, once. */
  onDigit(listener: (digit: string) => void): void
  /** Each single steady tone of at least 200 ms, when it has ended. Tones are listened for while a recording goes on. */
  onTone(listener: (tone: { readonly frequencyHz: number; readonly ms: number }) => void): void
  record(order: RecordOrder): Recording
  /** Relays packets both ways from now on, decrypting and encrypting as each side needs; nothing is decoded. */
  bridge(other: LocalMedia): void
  close(): Promise<MediaSummary>
}

export interface MediaPort {
  /** @throws PosternError media-open when no port can be bound */
  open(order: OpenOrder): Promise<LocalMedia>
  /** Closes what is open and ends the worker. */
  close(): Promise<void>
}
