import { PosternError } from '../kernel/errors.ts'
import { readDescription, type Description, type Format } from '../sdp/description.ts'
import { agree, offeredFormats, type Agreed, type Capabilities } from '../sdp/negotiate.ts'
import type { Endpoint, InviteOrder, OutgoingCall } from '../sip/face.ts'
import type { SipResponse } from '../sip/message/message.ts'
import { describe, joinLeg, openHalf, streamOf, type Half, type Leg, type LegPorts } from './leg.ts'
import { unchanging } from './unchanging.ts'

export type Placed =
  | { readonly type: 'answered'; readonly leg: Leg; readonly agreed: Agreed }
  | { readonly type: 'refused'; readonly response: SipResponse; readonly local: boolean; readonly error?: Error }
  /** Answered, but with a description that we cannot take: the call was ended with BYE. */
  | { readonly type: 'unusable'; readonly error: PosternError }

export interface Placing {
  readonly callId: string
  readonly placed: Promise<Placed>
  cancel(): void
}

/**
 * Calls with an offer of ours. With `formats` (a bridge passes on what the other side offered) those are offered,
 * else all that we have.
 * @throws PosternError media-open
 */
export async function placeLeg(
  endpoint: Endpoint,
  order: Omit<InviteOrder, 'body'>,
  ports: LegPorts,
  formats: readonly Format[] = offeredFormats(ports.capabilities),
): Promise<Placing> {
  const half = await openHalf(ports)
  const body = describe(half, ports.capabilities, formats)
  const theirs = async (): Promise<Uint8Array> => (await call.outcome).response.body
  const call = endpoint.invite({ ...order, body, session: { ...unchanging(body, theirs), ...order.session } })
  const offered = ports.capabilities.encodings.filter((encoding) => formats.some((f) => f.encoding === encoding))
  const capabilities = { ...ports.capabilities, encodings: offered }
  return { callId: call.callId, placed: settle(call, half, capabilities), cancel: () => call.cancel() }
}

/** An answer may hold nothing that was not offered (RFC 3264 §6.1), so `capabilities` are those of the offer. */
async function settle(call: OutgoingCall, half: Half, capabilities: Capabilities): Promise<Placed> {
  const outcome = await call.outcome
  if (outcome.type === 'refused') {
    await half.media.close()
    return outcome
  }
  try {
    const agreed = agree(capabilities, answerOf(outcome.response))
    half.media.connect(streamOf(agreed, half))
    return { type: 'answered', leg: joinLeg(outcome.session, half.media), agreed }
  } catch (thrown) {
    if (!(thrown instanceof PosternError)) throw thrown
    await outcome.session.bye()
    await half.media.close()
    return { type: 'unusable', error: thrown }
  }
}

const answerOf = (response: SipResponse): Description => readDescription(response.body)
