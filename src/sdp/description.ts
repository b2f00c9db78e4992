import { parse, write } from 'sdp-transform'
import type { Address } from '../kernel/address.ts'
import { PosternError, messageOf } from '../kernel/errors.ts'
import { readCrypto, writeCrypto, type Crypto } from './crypto.ts'

/** RTP/AVP (RFC 3551) or RTP/SAVP (RFC 3711); others are carried by name and accepted nowhere yet. */
export type Profile = 'RTP/AVP' | 'RTP/SAVP'

/** One payload type of an audio line, as in `a=rtpmap:0 PCMU/8000`. */
export interface Format {
  readonly payloadType: number
  /** Encoding name in upper case, as in `PCMU` or `TELEPHONE-EVENT`. */
  readonly encoding: string
  /** Clock rate in Hz. */
  readonly rate: number
  readonly parameters?: string
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** What we read of a session description: its first audio line, and enough of the others to refuse them. */
export interface Description {
  readonly remote: Address
  readonly profile: string
  readonly formats: readonly Format[]
  readonly cryptos: readonly Crypto[]
  /** ms of audio per packet, when asked for. */
  readonly ptime?: number
  readonly direction: Direction
  /** Media, protocol and formats of each m-line in order; `audio` is the index of the one that we read. */
  readonly lines: readonly { readonly media: string; readonly protocol: string; readonly formats: string }[]
  readonly audio: number
}

/** RFC 3551 §6: the static payload types that need no rtpmap. */
const staticFormats: Readonly<Record<number, readonly [encoding: string, rate: number]>> = {
  0: ['PCMU', 8000],
  3: ['GSM', 8000],
  8: ['PCMA', 8000],
  9: ['G722', 8000],
  13: ['CN', 8000],
  18: ['G729', 8000],
}

const limit = 32 * 1024

/** Reads SDP bytes (RFC 8866). @throws PosternError sdp-invalid */
export function readDescription(bytes: Uint8Array): Description {
  if (bytes.length > limit) throw invalid(`it is ${bytes.length} bytes long, the limit is ${limit}`)
  const source = Buffer.from(bytes).toString('utf8')
  if (!source.startsWith('v=0')) throw invalid('it does not begin with v=0')
  const session = readText(source)
  const lines = session.media.map(readLine)
  const audio = lines.findIndex(({ media }) => media === 'audio')
  const line = session.media[audio]
  if (line === undefined) throw invalid('it has no audio line')
  const host = text(line.connection?.ip ?? session.connection?.ip)
  if (host === '') throw invalid('it has no c= line for its audio')
  const port = Number(text(line.port) || Number.NaN)
  if (!Number.isInteger(port) || port > 65_535) throw invalid(`its audio port is ${text(line.port)}`)
  return {
    remote: { host, port },
    profile: text(line.protocol),
    formats: readFormats(line),
    cryptos: (line.crypto ?? []).flatMap((c) =>
      readCrypto(c.id, text(c.suite), `${text(c.config)} ${text(c.sessionConfig)}`),
    ),
    ...(line.ptime !== undefined && Number.isFinite(line.ptime) ? { ptime: line.ptime } : {}),
    direction: line.direction ?? session.direction ?? 'sendrecv',
    lines,
    audio,
  }
}

type Session = ReturnType<typeof parse>

function readText(source: string): Session {
  try {
    return parse(source)
  } catch (thrown) {
    throw invalid(messageOf(thrown))
  }
}

/** Whatever looks like a number is read as one, a name too, and what is missing is undefined whatever the types say. */
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

function readLine(line: Session['media'][number], index: number): Description['lines'][number] {
  const media = text(line.type)
  if (media === '') throw invalid(`its m= line ${index + 1} is not "media port protocol formats"`)
  return { media, protocol: text(line.protocol), formats: text(line.payloads) }
}

function readFormats(line: Session['media'][number]): readonly Format[] {
  const tokens = text(line.payloads).split(/\s+/)
  return tokens.flatMap((token) => {
    const payloadType = Number(token)
    if (!/^\d{1,3}$/.test(token) || payloadType > 127) return []
    const mapped = line.rtp.find((r) => r.payload === payloadType)
    const [encoding, rate] = mapped ? [text(mapped.codec), mapped.rate ?? 8000] : (staticFormats[payloadType] ?? [])
    if (encoding === undefined || rate === undefined) return []
    const parameters = text(line.fmtp.find((f) => f.payload === payloadType)?.config)
    return [{ payloadType, encoding: encoding.toUpperCase(), rate, ...(parameters === '' ? {} : { parameters }) }]
  })
}

export interface DescriptionOrder {
  /** Where we receive, as others reach it. */
  readonly local: Address
  /** Number for the o= line; a version that grows when the description changes (RFC 8866 §5.2). */
  readonly sessionId: number
  readonly version: number
  readonly profile: Profile
  readonly formats: readonly Format[]
  readonly crypto?: Crypto
  readonly ptime?: number
  /** For an answer: the offer's lines, so that those we do not take are refused with port 0 (RFC 3264 §6), and its direction. */
  readonly answering?: Pick<Description, 'lines' | 'audio' | 'direction'>
}

/** RFC 3264 §6.1: what an answer may say to each direction of an offer. */
const answered: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** Writes SDP bytes with one live audio line. */
export function writeDescription(order: DescriptionOrder): Uint8Array {
  const { local, formats } = order
  const ip = { version: local.host.includes(':') ? 6 : 4, ip: local.host }
  const audio = {
    type: 'audio',
    port: local.port,
    protocol: order.profile,
    payloads: formats.map((f) => f.payloadType).join(' '),
    rtp: formats.map((f) => ({ payload: f.payloadType, codec: spelled(f.encoding), rate: f.rate })),
    fmtp: formats.flatMap((f) =>
      f.parameters === undefined ? [] : [{ payload: f.payloadType, config: f.parameters }],
    ),
    ...(order.crypto === undefined ? {} : { crypto: [writeCrypto(order.crypto)] }),
    ptime: order.ptime ?? 20,
    direction: answered[order.answering?.direction ?? 'sendrecv'],
  }
  const media = (order.answering?.lines ?? [undefined]).map((line, i) =>
    line === undefined || i === order.answering?.audio
      ? audio
      : { type: line.media, port: 0, protocol: line.protocol, payloads: line.formats || '0', rtp: [], fmtp: [] },
  )
  const written = write({
    version: 0,
    origin: {
      username: '-',
      sessionId: order.sessionId,
      sessionVersion: order.version,
      netType: 'IN',
      ipVer: ip.version,
      address: ip.ip,
    },
    name: '-',
    connection: ip,
    timing: { start: 0, stop: 0 },
    media,
  })
  return Buffer.from(written, 'utf8')
}

/** Encoding names are case-insensitive; this one is written in lower case by everyone (RFC 4733 §7.1.1). */
const spelled = (encoding: string): string => (encoding === 'TELEPHONE-EVENT' ? 'telephone-event' : encoding)

const invalid = (what: string): PosternError =>
  new PosternError('sdp-invalid', `The session description cannot be read: ${what}`)
