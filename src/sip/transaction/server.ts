import type { Clock } from '../../kernel/clock.ts'
import type { Source } from '../face.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { isReliable, sourceOf, type Flow } from '../transport/flow.ts'
import { replyAddress } from '../transport/via.ts'
import * as invite from './invite-server.ts'
import * as nonInvite from './non-invite-server.ts'
import { Runner } from './runner.ts'
import type { TimerTable } from './timers.ts'

interface ServerNotices {
  /** An ACK that came with the branch of the INVITE after our 2xx (RFC 6026 §7.1). */
  ack(request: SipRequest): void
  /** Timer H: no ACK to our final response. */
  timeout(): void
  ended(): void
}

type Action = Exclude<(invite.Effect | nonInvite.Effect)['do'], 'start' | 'stop'>
type RunnerOf<M extends { readonly state: string }, E, T extends string> = Pick<Runner<M, E, T>, 'feed' | 'end'>

/** A server transaction at work (RFC 3261 §17.2): one machine, the request that made it, the latest response. */
export class ServerTransaction {
  readonly request: SipRequest
  /** The flow the request came on. */
  readonly flow: Flow
  readonly source: Source
  /** The tag that our responses put into To. */
  readonly localTag: string
  readonly #unsubscribe: () => void
  readonly #invite: RunnerOf<invite.Machine, invite.Event, invite.Timer> | undefined
  readonly #other: RunnerOf<nonInvite.Machine, nonInvite.Event, nonInvite.Timer> | undefined
  #latest: SipResponse | undefined
  #ack: SipRequest | undefined
  #abandoned: (() => void) | undefined

  constructor(
    request: SipRequest,
    flow: Flow,
    localTag: string,
    { clock, timers, notices }: { clock: Clock; timers: TimerTable; notices: ServerNotices },
  ) {
    this.request = request
    this.flow = flow
    this.source = sourceOf(flow)
    this.localTag = localTag
    const back = flow.toward(replyAddress(request, flow))
    const actions: Record<Action, () => void> = {
      'pass-request': () => undefined,
      'pass-ack': () => {
        if (this.#ack !== undefined) notices.ack(this.#ack)
      },
      'send-response': () => {
        if (this.#latest !== undefined) back.send(this.#latest)
      },
      'report-timeout': () => notices.timeout(),
      'report-transport-error': () => this.#abandon(),
    }
    const ended = (): void => {
      this.#unsubscribe()
      notices.ended()
    }
    const reliable = isReliable(flow.transport)
    if (request.method === 'INVITE') {
      const [machine] = invite.begin(reliable, timers)
      this.#invite = new Runner(clock, invite.step, machine, actions, ended)
    } else {
      const [machine] = nonInvite.begin(reliable, timers)
      this.#other = new Runner(clock, nonInvite.step, machine, actions, ended)
    }
    this.#unsubscribe = flow.onClosed(() => {
      this.#invite?.feed({ type: 'transport-error' })
      this.#other?.feed({ type: 'transport-error' })
    })
  }

  /** A final response has been given. */
  get answered(): boolean {
    return (this.#latest?.status ?? 0) >= 200
  }

  /** The request again, or an ACK to it. */
  repeat(request: SipRequest): void {
    if (request.method === 'ACK') this.#ack = request
    this.#invite?.feed({ type: 'request', method: request.method === 'ACK' ? 'ACK' : 'INVITE' })
    this.#other?.feed({ type: 'request' })
  }

  /** Sends a response. After a final one only a 2xx to INVITE goes out again, for its retransmission by the core. */
  respond(response: SipResponse): void {
    if (this.answered && response !== this.#latest) return
    this.#latest = response
    this.#invite?.feed({ type: 'respond', status: response.status })
    this.#other?.feed({ type: 'respond', status: response.status })
  }

  /** Calls `listener` once if CANCEL comes or the connection ends before the final response. */
  onAbandoned(listener: () => void): void {
    this.#abandoned = listener
  }

  /** CANCEL came for it. */
  cancel(): void {
    if (!this.answered) this.#abandon()
  }

  end(): void {
    this.#invite?.end()
    this.#other?.end()
  }

  #abandon(): void {
    const listener = this.#abandoned
    this.#abandoned = undefined
    if (!this.answered) listener?.()
  }
}
