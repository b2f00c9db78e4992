import { PosternError } from '../kernel/errors.ts'
import { decode, encode } from './g711.ts'

export { resampleTo8k } from './resample.ts'

/** WAVE files: PCM of 8 or 16 bits, A-law, μ-law. */

export type WavFormat = 'pcm16' | 'PCMU' | 'PCMA'

export interface Wav {
  /** Hz. */
  readonly rate: number
  /** PCM16 mono; several channels are mixed in equal parts. */
  readonly samples: Int16Array
}

const tags = { pcm16: 1, PCMA: 6, PCMU: 7 } as const
const extensible = 0xfffe
const rates = { lowest: 1000, highest: 384_000 }

/** Bytes little-endian to PCM16, whatever the alignment; an odd byte at the end is left out. */
export function toPcm16(bytes: Uint8Array): Int16Array {
  const pcm = new Int16Array(bytes.length >> 1)
  for (let i = 0; i < pcm.length; i++) pcm[i] = (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8)
  return pcm
}

/** PCM16 to bytes little-endian. */
export function fromPcm16(pcm: Int16Array): Uint8Array {
  const bytes = new Uint8Array(pcm.length * 2)
  for (let i = 0; i < pcm.length; i++) {
    const sample = pcm[i] ?? 0
    bytes[2 * i] = sample
    bytes[2 * i + 1] = sample >> 8
  }
  return bytes
}

/**
 * Reads a WAVE file; chunks it does not know are skipped, a data chunk cut short is read as far as it goes.
 * @throws PosternError wav-invalid, with the byte offset in `detail`
 */
export function readWav(bytes: Uint8Array): Wav {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (name(bytes, 0) !== 'RIFF' || name(bytes, 8) !== 'WAVE') throw invalid(0, 'it does not begin with RIFF and WAVE')
  let format: Format | undefined
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = file.getUint32(at + 4, true)
    const body = at + 8
    if (name(bytes, at) === 'fmt ') format = readFormat(file, body, size)
    if (name(bytes, at) === 'data') {
      if (format === undefined) throw invalid(at, 'the data chunk stands before the fmt chunk')
      return { rate: format.rate, samples: mono(format.decode(bytes.subarray(body, body + size)), format.channels) }
    }
    at = body + size + (size % 2)
  }
  throw invalid(bytes.length, `it ends without a ${format === undefined ? 'fmt' : 'data'} chunk`)
}

interface Format {
  readonly rate: number
  readonly channels: number
  readonly decode: (bytes: Uint8Array) => Int16Array
}

function readFormat(file: DataView, at: number, size: number): Format {
  if (size < 16 || at + size > file.byteLength) throw invalid(at, 'its fmt chunk is too short')
  const plainTag = file.getUint16(at, true)
  const tag = plainTag === extensible && size >= 26 ? file.getUint16(at + 24, true) : plainTag
  const channels = file.getUint16(at + 2, true)
  const rate = file.getUint32(at + 4, true)
  const bits = file.getUint16(at + 14, true)
  if (channels === 0) throw invalid(at + 2, 'it has no channels')
  if (rate < rates.lowest || rate > rates.highest) {
    throw invalid(at + 4, `its rate is ${rate} Hz, expected ${rates.lowest} to ${rates.highest}`)
  }
  const decoder = decoders[`${tag}/${bits}`]
  if (decoder === undefined) {
    throw invalid(
      at,
      `its format is ${tag} with ${bits} bits, expected PCM (1) of 8 or 16 bits, A-law (6) or μ-law (7) of 8`,
    )
  }
  return { rate, channels, decode: decoder }
}

/** By format tag and bits a sample. */
const decoders: Readonly<Record<string, (bytes: Uint8Array) => Int16Array>> = {
  '1/8': (bytes) => Int16Array.from(bytes, (byte) => (byte - 128) << 8),
  '1/16': toPcm16,
  '6/8': (bytes) => decode('PCMA', bytes),
  '7/8': (bytes) => decode('PCMU', bytes),
}

function mono(samples: Int16Array, channels: number): Int16Array {
  if (channels === 1) return samples
  return Int16Array.from({ length: Math.floor(samples.length / channels) }, (_, frame) => {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += samples[frame * channels + channel] ?? 0
    return Math.round(sum / channels)
  })
}

/** A mono WAVE file; other than PCM it has the fact chunk that its format asks for. `rate` in Hz. */
export function writeWav(samples: Int16Array, format: WavFormat, rate = 8000): Uint8Array {
  const data = format === 'pcm16' ? fromPcm16(samples) : encode(format, samples)
  const width = format === 'pcm16' ? 2 : 1
  const common = [...little(2, tags[format]), ...little(2, 1), ...little(4, rate)]
  const fields = [...common, ...little(4, rate * width), ...little(2, width), ...little(2, 8 * width)]
  const header =
    format === 'pcm16'
      ? chunk('fmt ', Uint8Array.from(fields))
      : concat(
          chunk('fmt ', Uint8Array.from([...fields, 0, 0])),
          chunk('fact', Uint8Array.from(little(4, samples.length))),
        )
  return chunk('RIFF', concat(latin('WAVE'), header, chunk('data', data)))
}

function chunk(id: string, body: Uint8Array): Uint8Array {
  return concat(latin(id), Uint8Array.from(little(4, body.length)), body, new Uint8Array(body.length % 2))
}

const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const name = (bytes: Uint8Array, at: number): string => Buffer.from(bytes.subarray(at, at + 4)).toString('latin1')

/** `value` in `width` bytes, the low one first. */
function little(width: number, value: number): number[] {
  return Array.from({ length: width }, (_, i) => (value >>> (8 * i)) & 0xff)
}

function invalid(offset: number, what: string): PosternError {
  return new PosternError('wav-invalid', `Not a WAVE file we can read: ${what} (byte ${offset})`, {
    detail: { offset },
  })
}
