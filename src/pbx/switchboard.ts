import { answerLeg, cancelled, considerOffer, textOf } from '../call/answer.ts'
import type { Endpoint, IncomingCall } from '../sip/face.ts'
import { parseNameAddr } from '../sip/message/name-addr.ts'
import { parseUri } from '../sip/message/uri.ts'
import { divert } from './divert.ts'
import { decide, type DiversionReason, type Extension } from './extension.ts'
import type { PbxOrder } from './pbx.ts'

/** What becomes of each call to the PBX. */
export class Switchboard {
  readonly #order: Omit<PbxOrder, 'sip'>
  readonly #endpoint: () => Endpoint
  /** What stops the bell of each extension that rings. */
  readonly #ringing = new Set<() => void>()

  constructor(order: Omit<PbxOrder, 'sip'>, endpoint: () => Endpoint) {
    this.#order = order
    this.#endpoint = endpoint
  }

  receive(call: IncomingCall): void {
    const { emit, trunk, domain, extensions } = this.#order
    const number = parseUri(call.request.uri)?.user ?? ''
    const decision = decide(number, extensions, trunk.pilot)
    switch (decision.do) {
      case 'refuse':
        emit({ type: 'pbx.refused', callId: call.callId, status: decision.status, text: decision.text })
        call.refuse({ status: decision.status })
        return
      case 'trunk':
        divert({ call, endpoint: this.#endpoint(), trunk, emit, domain })
        return
      case 'divert':
        this.#divert(call, decision.extension, decision.reason)
        return
      case 'ring-then-divert':
        this.#ring(call, decision.extension, () => this.#divert(call, decision.extension, 'no-answer'))
        return
      case 'answer':
        this.#ring(call, decision.extension, () => void this.#answer(call, decision.extension))
    }
  }

  /** No bell rings on: what rang is neither answered nor diverted. */
  close(): void {
    for (const stop of this.#ringing) stop()
  }

  #divert(call: IncomingCall, extension: Extension, reason: DiversionReason): void {
    const { emit, trunk, domain } = this.#order
    divert({ call, endpoint: this.#endpoint(), trunk, emit, domain, from: { extension: extension.number, reason } })
  }

  #ring(call: IncomingCall, extension: Extension, then: () => void): void {
    const { emit, clock } = this.#order
    const caller = parseNameAddr(call.request.headers.get('From') ?? '')?.uri ?? 'unknown'
    emit({ type: 'pbx.ringing', callId: call.callId, extension: extension.number, caller })
    call.progress(180)
    const cancel = clock.after(extension.ringMs, () => {
      this.#ringing.delete(stop)
      then()
    })
    const stop = (): void => {
      this.#ringing.delete(stop)
      cancel()
    }
    this.#ringing.add(stop)
    call.onCancel(stop)
  }

  /** The extension's telephone picks up, and talks until the caller hangs up. */
  async #answer(call: IncomingCall, extension: Extension): Promise<void> {
    const { emit } = this.#order
    const considered = considerOffer(call, this.#order)
    if ('status' in considered) {
      emit({ type: 'pbx.refused', callId: call.callId, status: considered.status, text: textOf(considered) })
      call.refuse(considered)
      return
    }
    const leg = await answerLeg(call, considered, this.#order)
    if (leg === cancelled) return
    if ('status' in leg) {
      emit({ type: 'pbx.refused', callId: call.callId, status: leg.status, text: textOf(leg) })
      return
    }
    emit({ type: 'pbx.answered', callId: call.callId, extension: extension.number })
    const { talk } = extension
    if (talk === undefined || talk.length === 0) return
    while (await leg.media.play(talk));
  }
}
