import type { RtpPacket } from './rtp.ts'

/** DTMF as RTP events: RFC 4733 at a clock of 8 kHz. */

const digits = '0123456789*#ABCD'
const unitsPerMs = 8
const longestSegment = 0xffff
/** A timestamp this far behind the last event is a late packet; one further back is a sender that started anew. */
const lateUnits = 10_000 * unitsPerMs

/** Event code 0 to 15 of a digit (RFC 4733 §3.2); `undefined` for anything else. */
export function eventOf(digit: string): number | undefined {
  const event = digits.indexOf(digit.toUpperCase())
  return digit.length === 1 && event >= 0 ? event : undefined
}

/** `0`–`9`, `*`, `#`, `A`–`D`; `undefined` for an event that is not a digit. */
export function digitOf(event: number): string | undefined {
  return digits[event]
}

export interface DigitOptions {
  /** ms between packets. */
  readonly ptime?: number
  readonly durationMs?: number
  /** Power as -dBm0, 0 to 63. */
  readonly volume?: number
}

export interface EventPacket {
  /** Event, end bit with volume, duration: 4 bytes (RFC 4733 §2.3). */
  readonly payload: Uint8Array
  readonly marker: boolean
  /** Clock units to add to the timestamp at which the event began: not 0 only in the later segments of a long event (§2.5.1.3). */
  readonly timestampOffset: number
}

/**
 * One digit as packets to be sent one a `ptime`: the first with the marker, the last three all saying the same end (§2.5.1.4).
 * Empty for what is not a digit.
 */
export function digitEvents(digit: string, options: DigitOptions = {}): readonly EventPacket[] {
  const { ptime = 20, durationMs = 100, volume = 10 } = options
  const event = eventOf(digit)
  if (event === undefined) return []
  const packets: EventPacket[] = []
  const write = (elapsed: number, segment: number, ended: boolean): void => {
    const payload = eventPayload(event, volume, elapsed - segment, ended)
    packets.push({ payload, marker: packets.length === 0, timestampOffset: segment })
  }
  const total = Math.max(1, Math.round(durationMs * unitsPerMs))
  let segment = 0
  for (let elapsed = ptime * unitsPerMs; elapsed < total; elapsed += ptime * unitsPerMs) {
    if (elapsed - segment > longestSegment) {
      write(segment + longestSegment, segment, false)
      segment += longestSegment
    }
    write(elapsed, segment, false)
  }
  const last = Math.min(total - segment, longestSegment)
  for (let copy = 0; copy < 3; copy++) write(segment + last, segment, true)
  return packets
}

function eventPayload(event: number, volume: number, duration: number, ended: boolean): Uint8Array {
  return Uint8Array.of(event, (ended ? 0x80 : 0) | (volume & 0x3f), duration >>> 8, duration)
}

interface HeardEvent {
  readonly ssrc: number
  readonly event: number
  readonly timestamp: number
}

/** Hears each event of one stream once, by its timestamp, whichever of its packets are lost, repeated or late. */
export class DigitReceiver {
  #last: HeardEvent | undefined

  /** The digit, at the first packet of its event that comes; `undefined` for all others and for what is not a digit. */
  receive(packet: RtpPacket): string | undefined {
    const { payload, ssrc, timestamp } = packet
    const event = payload[0] ?? 0
    const digit = digitOf(event)
    if (payload.length < 4 || digit === undefined) return undefined
    const last = this.#last
    if (last?.ssrc === ssrc && isLate(timestamp, last)) return undefined
    this.#last = { ssrc, event, timestamp }
    return last !== undefined && isNextSegment(this.#last, last, packet) ? undefined : digit
  }
}

const isLate = (timestamp: number, last: HeardEvent): boolean => (last.timestamp - timestamp) >>> 0 < lateUnits

/** RFC 4733 §2.5.1.3: a longer event goes on under a new timestamp, exactly where the last segment ended, without a marker. */
function isNextSegment(now: HeardEvent, last: HeardEvent, packet: RtpPacket): boolean {
  const step = (now.timestamp - last.timestamp) >>> 0
  return now.ssrc === last.ssrc && now.event === last.event && step === longestSegment && !packet.marker
}
