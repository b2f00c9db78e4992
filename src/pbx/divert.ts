import { Pair } from '../call/pair.ts'
import { unchanging } from '../call/unchanging.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Endpoint, Extra, IncomingCall } from '../sip/face.ts'
import { formatDiversion } from '../sip/message/diversion.ts'
import type { HeaderField } from '../sip/message/headers.ts'
import type { SipMessage } from '../sip/message/message.ts'
import { formatNameAddr, parseNameAddr } from '../sip/message/name-addr.ts'
import { formatUri, parseUri } from '../sip/message/uri.ts'
import type { PbxEvent } from './events.ts'
import type { DiversionReason } from './extension.ts'
import type { Trunk } from './pbx.ts'

export interface Diverting {
  readonly call: IncomingCall
  readonly endpoint: Endpoint
  readonly trunk: Trunk
  readonly emit: Emit<PbxEvent>
  readonly domain: string
  /** Missing when the pilot itself was called. */
  readonly from?: { readonly extension: string; readonly reason: DiversionReason }
}

/**
 * Sends a call on to the voicemail pilot. The PBX stays in the signalling as a back-to-back user agent and passes the
 * session descriptions through untouched: media goes past it.
 */
export function divert({ call, endpoint, trunk, emit, domain, from }: Diverting): void {
  const pair = new Pair()
  const pilot = uriOf(trunk.pilot, trunk.hop.host)
  if (from !== undefined) call.progress(181)
  const offer = bodyOf(call.request)
  const answerTo = async (): Promise<Uint8Array> => (await leg.outcome).response.body
  const leg = endpoint.invite({
    uri: pilot,
    hop: trunk.hop,
    from: callerAt(call, domain),
    to: `<${pilot}>`,
    headers: from === undefined ? [] : [diversionOf(from, domain)],
    ...offer,
    session: { ...unchanging(offer.body, answerTo), ...pair.handlers('b') },
  })
  let gone = false
  call.onCancel(() => {
    gone = true
    leg.cancel()
  })
  emit({
    type: 'pbx.diverted',
    callId: call.callId,
    legCallId: leg.callId,
    extension: from?.extension ?? trunk.pilot,
    reason: from?.reason ?? 'none',
  })
  void leg.outcome.then((outcome) => {
    if (gone) {
      if (outcome.type === 'answered') void outcome.session.bye()
      return
    }
    if (outcome.type === 'refused') {
      const { status, reason, headers } = outcome.response
      emit({ type: 'pbx.refused', callId: call.callId, status, text: `the trunk answered ${status} ${reason}` })
      const warning = headers.get('Warning')
      call.refuse({ status, reason, headers: warning === undefined ? [] : [{ name: 'Warning', value: warning }] })
      return
    }
    pair.join('b', outcome.session)
    const answer = bodyOf(outcome.response)
    const handlers = { ...unchanging(answer.body, () => call.request.body), ...pair.handlers('a') }
    pair.join('a', call.accept(answer, handlers))
  })
}

/** The caller as the PBX presents them on the trunk: number and name kept, our domain. */
function callerAt(call: IncomingCall, domain: string): string {
  const caller = parseNameAddr(call.request.headers.get('From') ?? '')
  const user = parseUri(caller?.uri ?? '')?.user ?? 'anonymous'
  const display = caller?.display
  return formatNameAddr({
    ...(display === undefined ? {} : { display }),
    uri: uriOf(user, domain),
    params: new Map(),
  })
}

/** RFC 5806: who diverted, and why. */
function diversionOf({ extension, reason }: NonNullable<Diverting['from']>, domain: string): HeaderField {
  return { name: 'Diversion', value: formatDiversion({ uri: uriOf(extension, domain), reason, params: new Map() }) }
}

const uriOf = (user: string, host: string): string => formatUri({ scheme: 'sip', user, host, params: new Map() })

function bodyOf({ headers, body }: SipMessage): Pick<Extra, 'body'> {
  const type = headers.get('Content-Type')
  return type === undefined || body.length === 0 ? {} : { body: { type, bytes: body } }
}
