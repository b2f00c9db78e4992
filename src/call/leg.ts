import type { LocalMedia, MediaPort, MediaStream, OpenOrder, SrtpKey } from '../media/face.ts'
import type { Random } from '../kernel/random.ts'
import { suite, type Crypto } from '../sdp/crypto.ts'
import { writeDescription, type Description, type Format } from '../sdp/description.ts'
import { profileOf, type Agreed, type Capabilities } from '../sdp/negotiate.ts'
import type { Body, Session, SessionEnd } from '../sip/face.ts'

/** What a station needs to have legs with sound. */
export interface LegPorts {
  readonly media: MediaPort
  readonly random: Random
  /** Where the media of this side binds, and what it writes into SDP. */
  readonly open: OpenOrder
  readonly capabilities: Capabilities
}

/** One call as one side sees it: its SIP session and its media. */
export interface Leg {
  readonly session: Session
  readonly media: LocalMedia
  /** Resolves when the session has ended; the media is closed by then. */
  readonly ended: Promise<SessionEnd>
  /** BYE, then the media closes. */
  hangUp(): Promise<void>
}

/** Our half of a negotiation that is under way: open media, our key, our numbers for the o= line. */
export interface Half {
  readonly media: LocalMedia
  readonly crypto: Crypto | undefined
  readonly sessionId: number
}

/** Opens media and draws a key. @throws PosternError media-open */
export async function openHalf({ media, random, open, capabilities }: LegPorts): Promise<Half> {
  const opened = await media.open(open)
  const keySalt = random.bytes(30)
  return {
    media: opened,
    crypto: capabilities.srtp === 'required' ? { tag: 1, suite, keySalt } : undefined,
    sessionId: Buffer.from(random.bytes(4)).readUInt32BE(0),
  }
}

/** Our description as a SIP body: an offer, or with `answering` an answer. */
export function describe(
  half: Half,
  capabilities: Capabilities,
  formats: readonly Format[],
  answering?: Description,
): Body {
  const tag = answering?.cryptos.find((c) => c.suite === suite)?.tag
  const crypto = half.crypto && { ...half.crypto, tag: tag ?? half.crypto.tag }
  const bytes = writeDescription({
    local: half.media.address,
    sessionId: half.sessionId,
    version: 1,
    profile: profileOf(capabilities.srtp),
    formats,
    ...(crypto === undefined ? {} : { crypto }),
    ...(answering === undefined ? {} : { answering }),
  })
  return { type: 'application/sdp', bytes }
}

/** What media is told once both sides agree. */
export function streamOf(agreed: Agreed, half: Half): MediaStream {
  const keys = half.crypto &&
    agreed.remoteCrypto && { sendKey: srtpKey(half.crypto), receiveKey: srtpKey(agreed.remoteCrypto) }
  return {
    remote: agreed.remote,
    codec: agreed.codec.encoding === 'PCMA' ? 'PCMA' : 'PCMU',
    payloadType: agreed.codec.payloadType,
    ...(agreed.event === undefined ? {} : { telephoneEvent: agreed.event.payloadType }),
    ptime: agreed.ptime,
    ...keys,
  }
}

const srtpKey = ({ keySalt }: Crypto): SrtpKey => ({ key: keySalt.subarray(0, 16), salt: keySalt.subarray(16, 30) })

/** Joins a session and its media: whichever way the session ends, the media is closed. */
export function joinLeg(session: Session, media: LocalMedia): Leg {
  const ended = session.ended.then(async (end) => {
    await media.close()
    return end
  })
  return {
    session,
    media,
    ended,
    async hangUp() {
      await session.bye()
      await ended
    },
  }
}
