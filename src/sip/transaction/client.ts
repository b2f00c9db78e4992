import type { Clock } from '../../kernel/clock.ts'
import { messageOf, PosternError } from '../../kernel/errors.ts'
import { ackFor } from '../compose.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { isReliable, type Flow } from '../transport/flow.ts'
import * as invite from './invite-client.ts'
import * as nonInvite from './non-invite-client.ts'
import { Runner } from './runner.ts'
import type { TimerTable } from './timers.ts'

/** Who asked: told each response that the transaction lets through, or once that none will come. */
export interface ClientUser {
  response(response: SipResponse): void
  /** 408: no answer in time. 503: the connection ended (RFC 3261 §8.1.3.1). */
  failed(status: 408 | 503, error: PosternError): void
}

type Action = Exclude<(invite.Effect | nonInvite.Effect)['do'], 'start' | 'stop'>
type Event = { readonly type: 'response'; readonly status: number } | { readonly type: 'transport-error' }

/** A client transaction at work (RFC 3261 §17.1): one machine, the request it sends, the flow it sends on. */
export class ClientTransaction {
  /** With our Via on top. */
  readonly request: SipRequest
  readonly flow: Flow
  readonly #user: ClientUser
  readonly #unsubscribe: () => void
  readonly #runner: { feed(event: Event): void; end(): void }
  #latest: SipResponse | undefined
  #ack: SipRequest | undefined
  #error: Error | undefined
  #settled = false

  constructor(
    request: SipRequest,
    flow: Flow,
    user: ClientUser,
    { clock, timers, ended }: { clock: Clock; timers: TimerTable; ended: (timedOut: boolean) => void },
  ) {
    this.request = request
    this.flow = flow
    this.#user = user
    const state = { timedOut: false }
    const actions: Record<Action, () => void> = {
      'send-request': () => flow.send(request),
      'send-ack': () => this.#acknowledge(),
      'pass-response': () => this.#pass(),
      'report-timeout': () => {
        state.timedOut = true
        this.#fail(408, timeoutOf(request))
      },
      'report-transport-error': () => this.#fail(503, closedError(flow, this.#error)),
    }
    const done = (): void => {
      this.#unsubscribe()
      ended(state.timedOut)
    }
    this.#unsubscribe = flow.onClosed((error) => this.#lost(error))
    const reliable = isReliable(flow.transport)
    this.#runner =
      request.method === 'INVITE'
        ? started(clock, invite.step, invite.begin(reliable, timers), actions, done)
        : started(clock, nonInvite.step, nonInvite.begin(reliable, timers), actions, done)
    if (!flow.alive) queueMicrotask(() => this.#lost())
  }

  receive(response: SipResponse): void {
    this.#latest = response
    this.#runner.feed({ type: 'response', status: response.status })
  }

  /** Ends it now; a user still waiting is told `error`. */
  end(status: 408 | 503, error: PosternError): void {
    this.#fail(status, error)
    this.#runner.end()
  }

  #lost(error?: Error): void {
    this.#error = error
    this.#runner.feed({ type: 'transport-error' })
  }

  #pass(): void {
    if (this.#latest === undefined) return
    if (this.#latest.status >= 200) this.#settled = true
    this.#user.response(this.#latest)
  }

  #fail(status: 408 | 503, error: PosternError): void {
    if (this.#settled) return
    this.#settled = true
    this.#user.failed(status, error)
  }

  /** RFC 3261 §17.1.1.3: the ACK to a final response of 300 or more, of the same branch. */
  #acknowledge(): void {
    if (this.#latest !== undefined) this.#ack ??= ackFor(this.request, this.#latest)
    if (this.#ack !== undefined) this.flow.send(this.#ack)
  }
}

function started<M extends { readonly state: string }, T extends string>(
  clock: Clock,
  step: ConstructorParameters<typeof Runner<M, Event, T>>[1],
  [machine, effects]: ReturnType<ConstructorParameters<typeof Runner<M, Event, T>>[1]>,
  actions: Readonly<Record<string, () => void>>,
  ended: () => void,
): Runner<M, Event, T> {
  const runner = new Runner<M, Event, T>(clock, step, machine, actions, ended)
  runner.apply(effects)
  return runner
}

export const timeoutOf = ({ method }: SipRequest): PosternError =>
  new PosternError('sip-timeout', `no final response to ${method} in time`)

/** Why a flow ended: the error of the connection when it has a code, so that a late TLS refusal stays visible. */
export function closedError({ transport, remote }: Flow, error: Error | undefined): PosternError {
  if (error instanceof PosternError) return error
  const why = error === undefined ? 'was closed' : `broke: ${messageOf(error)}`
  const cause = error === undefined ? {} : { cause: error }
  return new PosternError(
    'network-closed',
    `the ${transport} connection with ${remote.host}:${remote.port} ${why}`,
    cause,
  )
}
