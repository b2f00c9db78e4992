import { allocate } from './slab.ts'

export { SequenceTracker } from './sequence.ts'

/** RTP packets: RFC 3550. */

export interface RtpPacket {
  readonly payloadType: number
  readonly marker: boolean
  /** 16 bits. */
  readonly sequence: number
  /** 32 bits, in units of the payload's clock: 8 kHz for G.711 and telephone-event. */
  readonly timestamp: number
  readonly ssrc: number
  readonly payload: Uint8Array
}

const fixedHeader = 12

/**
 * Length in bytes of an RTP header with its CSRC list and extension (RFC 3550 §5.1, §5.3.1);
 * `undefined` when the packet, the first `end` bytes, ends before its header does.
 */
export function rtpHeaderLength(bytes: Uint8Array, end = bytes.length): number | undefined {
  const first = bytes[0] ?? 0
  let length = fixedHeader + 4 * (first & 0x0f)
  if ((first & 0x10) !== 0) {
    if (end < length + 4) return undefined
    length += 4 + 4 * uint16(bytes, length + 2)
  }
  return end < length ? undefined : length
}

/** RFC 3550 §5.1, without its CSRC list, extension and padding; `undefined` when it is not RTP. The payload is a view of `bytes`. */
export function parseRtp(bytes: Uint8Array): RtpPacket | undefined {
  const first = bytes[0] ?? 0
  const second = bytes[1] ?? 0
  const start = rtpHeaderLength(bytes)
  if (first >> 6 !== 2 || start === undefined || isRtcp(bytes)) return undefined
  const padding = (first & 0x20) === 0 ? 0 : (bytes.at(-1) ?? 0)
  const end = bytes.length - padding
  if (end < start || ((first & 0x20) !== 0 && padding === 0)) return undefined
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: uint16(bytes, 2),
    timestamp: uint32(bytes, 4),
    ssrc: uint32(bytes, 8),
    payload: bytes.subarray(start, end),
  }
}

/** The packet without CSRC list, extension or padding. Numbers are taken modulo their width. */
export function writeRtp(packet: RtpPacket): Uint8Array {
  const bytes = allocate(fixedHeader + packet.payload.length)
  bytes[0] = 0x80
  bytes[1] = (packet.marker ? 0x80 : 0) | (packet.payloadType & 0x7f)
  bytes[2] = packet.sequence >>> 8
  bytes[3] = packet.sequence
  putUint32(bytes, 4, packet.timestamp)
  putUint32(bytes, 8, packet.ssrc)
  bytes.set(packet.payload, fixedHeader)
  return bytes
}

/** RTCP on an RTP port: packet types 192 to 223 (RFC 5761 §4). */
export function isRtcp(bytes: Uint8Array): boolean {
  const type = bytes[1] ?? 0
  return (bytes[0] ?? 0) >> 6 === 2 && type >= 192 && type <= 223
}

export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

export function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0
}

function putUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (24 - 8 * i)
}
