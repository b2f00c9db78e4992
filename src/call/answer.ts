import { PosternError } from '../kernel/errors.ts'
import { readDescription, type Description } from '../sdp/description.ts'
import { agree, answerFormats, type Agreed } from '../sdp/negotiate.ts'
import type { IncomingCall, Reply, SessionHandlers } from '../sip/face.ts'
import { reasonPhrase } from '../sip/message/reason-phrase.ts'
import { describe, joinLeg, openHalf, streamOf, type Half, type Leg, type LegPorts } from './leg.ts'
import { unchanging } from './unchanging.ts'

/** An offer that was read and can be met. */
export interface Acceptable {
  readonly offer: Description
  readonly agreed: Agreed
}

/** Reads an INVITE's offer: what we agree on, or the reply that refuses it (RFC 3261 §13.3.1.3, §21.4.13, §21.4.26). */
export function considerOffer(call: IncomingCall, ports: Pick<LegPorts, 'capabilities'>): Acceptable | Reply {
  const { headers, body } = call.request
  const type = (headers.get('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (body.length === 0) return notAcceptable(399, 'an offer in the INVITE is required')
  if (type !== 'application/sdp') return { status: 415, headers: [{ name: 'Accept', value: 'application/sdp' }] }
  try {
    const offer = readDescription(body)
    return { offer, agreed: agree(ports.capabilities, offer) }
  } catch (thrown) {
    if (!(thrown instanceof PosternError)) throw thrown
    if (thrown.code !== 'sdp-not-acceptable') return { status: 400, reason: 'Session description cannot be read' }
    return notAcceptable(Number(thrown.detail['warning'] ?? 399), thrown.message)
  }
}

function notAcceptable(warning: number, text: string): Reply {
  const quoted = text.replaceAll(/["\\]/g, "'")
  return { status: 488, headers: [{ name: 'Warning', value: `${warning} postern "${quoted}"` }] }
}

/** Why a call is refused, in the words that the reply has for it. */
export function textOf({ status, reason, headers = [] }: Reply): string {
  return headers.find(({ name }) => name === 'Warning')?.value ?? reason ?? reasonPhrase(status)
}

/** The caller gave up while we opened media. */
export const cancelled = 'cancelled'

/**
 * Answers with 200 and our description, and starts the media.
 * Where no port is left the call is refused with 503 and that reply is the answer.
 */
export async function answerLeg(
  call: IncomingCall,
  { offer, agreed }: Acceptable,
  ports: LegPorts,
  handlers: SessionHandlers = {},
): Promise<Leg | Reply | typeof cancelled> {
  const caller = { gone: false }
  call.onCancel(() => (caller.gone = true))
  const half = await openOr503(ports)
  if (caller.gone) {
    if ('media' in half) await half.media.close()
    return cancelled
  }
  if ('status' in half) {
    call.refuse(half)
    return half
  }
  const body = describe(half, ports.capabilities, answerFormats(agreed), offer)
  const session = call.accept({ body }, { ...unchanging(body, () => call.request.body), ...handlers })
  half.media.connect(streamOf(agreed, half))
  return joinLeg(session, half.media)
}

async function openOr503(ports: LegPorts): Promise<Half | Reply> {
  try {
    return await openHalf(ports)
  } catch (thrown) {
    if (!(thrown instanceof PosternError)) throw thrown
    return { status: 503, reason: 'No media port left', headers: [{ name: 'Retry-After', value: '1' }] }
  }
}
