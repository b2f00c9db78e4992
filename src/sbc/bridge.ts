import { answerLeg, cancelled, textOf, type Acceptable } from '../call/answer.ts'
import { Pair } from '../call/pair.ts'
import { placeLeg } from '../call/place.ts'
import type { Emit } from '../kernel/bus.ts'
import { messageOf } from '../kernel/errors.ts'
import { takenFormats, type Agreed } from '../sdp/negotiate.ts'
import type { Endpoint, IncomingCall, Reply } from '../sip/face.ts'
import { formatUri } from '../sip/message/uri.ts'
import type { SipResponse } from '../sip/message/message.ts'
import type { SbcEvent } from './events.ts'
import type { Realm, Route } from './sbc.ts'
import { crossing, crossingParty } from './topology.ts'

export interface Bridging {
  readonly call: IncomingCall
  readonly considered: Acceptable
  readonly number: string
  readonly route: Route
  /** The endpoint of the far realm. */
  readonly endpoint: Endpoint
  readonly near: Realm
  readonly far: Realm
  readonly emit: Emit<SbcEvent>
}

/** Carries one call across the border: a new call on the far side, the same formats, media relayed between the two. */
export async function bridge(b: Bridging): Promise<void> {
  const { call, near, far, emit } = b
  const refuse = (reply: Reply, text: string): void => {
    emit({ type: 'sbc.refused', callId: call.callId, status: reply.status, text })
    call.refuse(reply)
  }
  const pair = new Pair()
  const hop = b.route.hop()
  const target = formatUri({ scheme: 'sip', user: b.number, host: hop.host, params: new Map() })
  const formats = takenFormats(far.legs.capabilities, b.considered.offer.formats)
  try {
    const caller = { gone: false, left: (): void => undefined }
    call.onCancel(() => {
      caller.gone = true
      caller.left()
    })
    const placing = await placeLeg(
      b.endpoint,
      {
        uri: target,
        hop,
        from: crossingParty(call.request.headers.get('From'), far.host),
        to: `<${target}>`,
        headers: crossing(call.request.headers, far.host),
        progress: ({ status }) => call.progress(status),
        session: pair.handlers('b'),
      },
      far.legs,
      formats,
    )
    caller.left = () => placing.cancel()
    if (caller.gone) placing.cancel()
    emit({ type: 'sbc.routed', callId: call.callId, legCallId: placing.callId, number: b.number, to: b.route.to })
    const placed = await placing.placed
    if (placed.type !== 'answered') {
      if (caller.gone) return
      const [reply, text] = refusal(placed, b.route.to === 'inside')
      refuse(reply, text)
      return
    }
    pair.join('b', placed.leg.session)
    const agreed = sameSound(b.considered, placed.agreed)
    const answered = await answerLeg(call, { ...b.considered, agreed }, near.legs, pair.handlers('a'))
    if (answered === cancelled || 'status' in answered) {
      if (answered !== cancelled) refuse(answered, textOf(answered))
      await placed.leg.hangUp()
      return
    }
    answered.media.bridge(placed.leg.media)
    pair.join('a', answered.session)
    emit({
      type: 'sbc.bridged',
      callId: call.callId,
      codec: agreed.codec.encoding,
      srtp: agreed.remoteCrypto !== placed.agreed.remoteCrypto,
    })
  } catch (thrown) {
    refuse({ status: 503, headers: [{ name: 'Retry-After', value: '1' }] }, messageOf(thrown))
  }
}

/** What the near side is answered: the codec that the far side took, by the near side's number, and digits where both have them. */
function sameSound({ offer, agreed: { event, ...near } }: Acceptable, far: Agreed): Agreed {
  const codec = offer.formats.find(({ encoding }) => encoding === far.codec.encoding) ?? far.codec
  return { ...near, codec, ...(event === undefined || far.event === undefined ? {} : { event }) }
}

type NotAnswered = { type: 'refused'; response: SipResponse; error?: Error } | { type: 'unusable'; error: Error }

/** The far side's refusal as the near side sees it: its status, and going inward its words too. Outward words could name the inside. */
function refusal(placed: NotAnswered, outward: boolean): readonly [Reply, string] {
  if (placed.type === 'unusable') return [{ status: 502 }, placed.error.message]
  const { status, reason, headers } = placed.response
  const text = placed.error?.message ?? `the far side answered ${status} ${reason}`
  if (outward) return [{ status }, text]
  const warning = headers.get('Warning')
  return [{ status, reason, headers: warning === undefined ? [] : [{ name: 'Warning', value: warning }] }, text]
}
