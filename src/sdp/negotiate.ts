import type { Address } from '../kernel/address.ts'
import { PosternError } from '../kernel/errors.ts'
import { suite, type Crypto } from './crypto.ts'
import type { Description, Format, Profile } from './description.ts'

/** Offer/answer (RFC 3264) as pure functions of what we can and what was offered. */

export interface Capabilities {
  /** Encoding names we take, best first, as in `PCMU`. */
  readonly encodings: readonly string[]
  /** `required`: RTP/SAVP with a key of the one suite, or 488. `none`: RTP/AVP. */
  readonly srtp: 'required' | 'none'
}

/** What both sides have: the codec, its digits, where to send and the peer's key. */
export interface Agreed {
  readonly remote: Address
  readonly codec: Format
  readonly event?: Format
  readonly ptime: number
  /** The peer's key: what it sends is protected with it. */
  readonly remoteCrypto?: Crypto
}

const telephoneEvent = 'TELEPHONE-EVENT'

export const profileOf = (srtp: Capabilities['srtp']): Profile => (srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP')

/** The formats of a first offer: every encoding we have, then telephone-event as 101 (RFC 4733 §7.1.1). */
export function offeredFormats(capabilities: Capabilities): readonly Format[] {
  const known: Readonly<Record<string, number>> = { PCMU: 0, PCMA: 8 }
  const codecs = capabilities.encodings.flatMap((encoding) => {
    const payloadType = known[encoding]
    return payloadType === undefined ? [] : [{ payloadType, encoding, rate: 8000 }]
  })
  return [...codecs, { payloadType: 101, encoding: telephoneEvent, rate: 8000, parameters: '0-15' }]
}

/** Of the formats offered, those that we would take, in the offer's order. */
export function takenFormats(capabilities: Capabilities, offered: readonly Format[]): readonly Format[] {
  return offered.filter((f) => f.rate === 8000 && [...capabilities.encodings, telephoneEvent].includes(f.encoding))
}

/**
 * Judges the other side's description, offer or answer.
 * @throws PosternError sdp-not-acceptable with `detail.warning`, an RFC 3261 §20.43 warn-code
 */
export function agree(capabilities: Capabilities, theirs: Description): Agreed {
  const profile = profileOf(capabilities.srtp)
  if (theirs.remote.port === 0) throw notAcceptable(305, 'the audio line is refused (port 0)')
  if (theirs.profile !== profile) throw notAcceptable(302, `the transport is ${theirs.profile}, ${profile} is required`)
  const crypto = theirs.cryptos.find((c) => c.suite === suite)
  if (capabilities.srtp === 'required' && crypto === undefined) {
    throw notAcceptable(306, `no usable crypto line of ${suite} is there`)
  }
  const taken = takenFormats(capabilities, theirs.formats)
  const codec = taken.find((f) => f.encoding !== telephoneEvent)
  if (codec === undefined) {
    const offered = theirs.formats.map((f) => f.encoding).join(', ') || 'nothing known'
    throw notAcceptable(305, `the codecs are ${offered}, one of ${capabilities.encodings.join(', ')} is required`)
  }
  const event = taken.find((f) => f.encoding === telephoneEvent)
  return {
    remote: theirs.remote,
    codec,
    ...(event === undefined ? {} : { event }),
    ptime:
      theirs.ptime !== undefined && Number.isInteger(theirs.ptime) && theirs.ptime >= 10 && theirs.ptime <= 60
        ? theirs.ptime
        : 20,
    ...(crypto === undefined || capabilities.srtp === 'none' ? {} : { remoteCrypto: crypto }),
  }
}

/** The formats to write into an answer: the chosen codec and its digits. */
export function answerFormats(agreed: Agreed): readonly Format[] {
  return agreed.event === undefined ? [agreed.codec] : [agreed.codec, agreed.event]
}

function notAcceptable(warning: number, what: string): PosternError {
  return new PosternError('sdp-not-acceptable', `Not acceptable here: ${what}`, { detail: { warning } })
}
