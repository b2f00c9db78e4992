import type { Codec } from './face.ts'

/** ITU-T G.711, by table. PCM16 at 8 kHz, one byte a sample. */

/** What μ-law adds before it finds the segment, in 16-bit scale: 33 of 14 bits. */
const bias = 0x84
const muLawClip = 0x7fff - bias

function muLawToLinear(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = ((((code & 0x0f) << 3) + bias) << ((code & 0x70) >> 4)) - bias
  return (code & 0x80) === 0 ? magnitude : -magnitude
}

function linearToMuLaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), muLawClip) + bias
  const segment = topBit(magnitude) - 7
  const code = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)
  return ~(sample < 0 ? code | 0x80 : code) & 0xff
}

function aLawToLinear(byte: number): number {
  const code = byte ^ 0x55
  const segment = (code & 0x70) >> 4
  const step = ((code & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1)
  return (code & 0x80) === 0 ? -magnitude : magnitude
}

function linearToALaw(sample: number): number {
  const magnitude = sample < 0 ? -sample - 1 : sample
  const segment = Math.max(0, topBit(magnitude) - 7)
  const code = (segment << 4) | ((magnitude >> Math.max(4, segment + 3)) & 0x0f)
  return (sample < 0 ? code : code | 0x80) ^ 0x55
}

const topBit = (value: number): number => 31 - Math.clz32(value)

interface Tables {
  /** By code. */
  readonly linear: Int16Array
  /** By sample as an unsigned 16-bit number. */
  readonly codes: Uint8Array
}

function tables(toLinear: (byte: number) => number, toCode: (sample: number) => number): Tables {
  return {
    linear: Int16Array.from({ length: 256 }, (_, byte) => toLinear(byte)),
    codes: Uint8Array.from({ length: 65_536 }, (_, word) => toCode((word << 16) >> 16)),
  }
}

const law: Readonly<Record<Codec, Tables>> = {
  PCMU: tables(muLawToLinear, linearToMuLaw),
  PCMA: tables(aLawToLinear, linearToALaw),
}

/** PCM16 mono to G.711, one byte a sample; `into` has as many. */
export function encode(codec: Codec, pcm: Int16Array, into = new Uint8Array(pcm.length)): Uint8Array {
  const { codes } = law[codec]
  for (let i = 0; i < pcm.length; i++) into[i] = codes[(pcm[i] ?? 0) & 0xffff] ?? 0
  return into
}

/** G.711 to PCM16 mono; every byte is a sample, and `into` has as many. */
export function decode(codec: Codec, bytes: Uint8Array, into = new Int16Array(bytes.length)): Int16Array {
  const { linear } = law[codec]
  for (let i = 0; i < bytes.length; i++) into[i] = linear[bytes[i] ?? 0] ?? 0
  return into
}
