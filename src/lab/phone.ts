import { placeLeg } from '../call/place.ts'
import type { Leg, LegPorts } from '../call/leg.ts'
import type { Clock } from '../kernel/clock.ts'
import { token } from '../kernel/random.ts'
import type { Store } from '../kernel/store.ts'
import { toPcm16 } from '../media/wav.ts'
import { createEndpoint } from '../sip/endpoint.ts'
import type { EndpointOrder, Hop } from '../sip/face.ts'
import { formatUri } from '../sip/message/uri.ts'
import { formatNameAddr } from '../sip/message/name-addr.ts'
import type { Phone, PhoneCall, PhoneOrder, PhoneRefusal } from './face.ts'

export interface PhonePorts extends LegPorts {
  readonly sip: Omit<EndpointOrder, 'handlers'>
  readonly clock: Clock
  /** Where media records. */
  readonly recordings: Store
  /** Where calls go: the PBX. */
  readonly hop: Hop
  readonly extra?: readonly { readonly name: string; readonly value: string }[]
}

/** A telephone: it calls, hears, speaks and presses keys. */
export async function createPhone(order: PhoneOrder, ports: PhonePorts): Promise<Phone> {
  const endpoint = await createEndpoint({
    ...ports.sip,
    handlers: { invite: (call) => call.refuse({ status: 486 }), request: () => Promise.resolve({ status: 200 }) },
  })
  const asUri = (target: string): string =>
    target.includes(':') ? target : formatUri({ scheme: 'sip', user: target, host: ports.hop.host, params: new Map() })
  const from = formatNameAddr({
    ...(order.displayName === undefined ? {} : { display: order.displayName }),
    uri: asUri(order.from),
    params: new Map(),
  })
  return {
    async call(to) {
      const uri = asUri(to)
      const placing = await placeLeg(
        endpoint,
        { uri, hop: ports.hop, from, to: `<${uri}>`, headers: ports.extra ?? [] },
        ports,
      )
      const placed = await placing.placed
      if (placed.type === 'answered') return inCall(placing.callId, placed.leg, ports)
      return refusal(placing.callId, placed)
    },
    close: () => endpoint.close(),
  }
}

function refusal(
  callId: string,
  placed: Exclude<Awaited<Awaited<ReturnType<typeof placeLeg>>['placed']>, { type: 'answered' }>,
): PhoneRefusal {
  if (placed.type === 'unusable')
    return { type: 'refused', callId, status: 488, reason: placed.error.message, local: true, error: placed.error }
  const { status, reason } = placed.response
  const { local, error } = placed
  return { type: 'refused', callId, status, reason, local, ...(error === undefined ? {} : { error }) }
}

function inCall(callId: string, leg: Leg, ports: PhonePorts): PhoneCall {
  const name = `heard/${token(ports.random)}.pcm`
  const recording = leg.media.record({ name })
  const heard = recording.finished.then(async () => {
    const bytes = await ports.recordings.read(name)
    await ports.recordings.remove(name)
    return toPcm16(bytes ?? new Uint8Array())
  })
  return {
    type: 'answered',
    callId,
    ended: leg.ended,
    tone: (withinMs) => nextTone(leg, ports.clock, withinMs),
    say: (pcm) => leg.media.play(pcm),
    press: (digits) => leg.media.sendDigits(digits),
    hangUp: () => leg.hangUp(),
    heard: () => heard,
  }
}

function nextTone(leg: Leg, clock: Clock, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = clock.after(withinMs, () => resolve(false))
    const settle = (heard: boolean): void => {
      stop()
      resolve(heard)
    }
    leg.media.onTone(() => settle(true))
    void leg.ended.then(() => settle(false))
  })
}
