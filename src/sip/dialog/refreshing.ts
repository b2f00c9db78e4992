import { below } from '../../kernel/random.ts'
import type { Body, EndpointOrder, Extra, Reply } from '../face.ts'
import type { HeaderField, Headers } from '../message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { splitList } from '../message/name-addr.ts'
import { readMinSe } from '../message/session-expires.ts'
import { Runner } from '../transaction/runner.ts'
import {
  agreedBy,
  asking,
  grantedFields,
  granting,
  leastTaken,
  refusingInterval,
  type Asked,
  type SessionInterval,
} from './session-interval.ts'
import * as timer from './session-timer.ts'

/** The session whose timer it is. */
export interface RefreshUser {
  readonly callId: string
  /** Whether our INVITE made the dialog, so that the Call-ID is ours. */
  readonly caller: boolean
  /** Sends a session refresh request; a 2xx to it has been told to `answered` when this resolves. Never rejects. */
  refresh(method: 'UPDATE' | 'INVITE', extra: Extra): Promise<SipResponse>
  /** Our session description as last sent, where the service gives one. */
  description(): Body | undefined
  /** Nothing refreshed the session. */
  expired(text: string): void
}

/** Keeps one session refreshed, or has it ended when nobody does: the machine of RFC 4028 at work. */
export class Refreshing {
  readonly #order: EndpointOrder
  readonly #user: RefreshUser
  readonly #runner: Runner<timer.Machine, Exclude<timer.Event, { type: 'timer' }>, timer.Timer>
  #minSeconds: number
  /** Whether the peer's Allow names UPDATE (RFC 4028 §7.4). */
  #takesUpdate = false
  #why = ''

  constructor(order: EndpointOrder, user: RefreshUser) {
    this.#order = order
    this.#user = user
    this.#minSeconds = leastTaken(order.sessionTimer)
    const actions = {
      'send-refresh': () => void this.#refresh(),
      'report-refused': () => order.emit({ type: 'sip.session-not-refreshed', callId: user.callId, text: this.#why }),
      expire: () => this.#expire(),
    }
    this.#runner = new Runner(order.clock, timer.step, timer.begin(order.timers), actions, () => undefined)
  }

  /** What our next INVITE or UPDATE asks for. */
  get asked(): Asked | undefined {
    return asking(this.#order.sessionTimer, this.#minSeconds, this.#runner.machine.interval)
  }

  /** The 2xx that made the session, and what had been asked for. */
  begun(response: SipResponse, asked: Asked | undefined): void {
    this.#minSeconds = Math.max(this.#minSeconds, asked?.minSeconds ?? 0)
    this.#heard(response)
    this.#agree(agreedBy(response.headers))
  }

  /** A 2xx to a session refresh request of ours (RFC 4028 §7.2). */
  answered(method: string, response: SipResponse, asked: Asked | undefined): void {
    this.begun(response, asked)
    this.#reportRefresh(method, 'local')
  }

  /** The 422 to a session refresh request whose interval is too short. */
  refusal(request: SipRequest): Reply | undefined {
    return refusingInterval(request, leastTaken(this.#order.sessionTimer))
  }

  /** What our 2xx to a session refresh request says; from now on it counts (RFC 4028 §9). */
  granted(request: SipRequest, inDialog: boolean): readonly HeaderField[] {
    this.#heard(request)
    this.#minSeconds = Math.max(this.#minSeconds, readMinSe(request.headers))
    const granted = granting(request, this.#order.sessionTimer, this.#runner.machine.interval)
    this.#agree(granted && { seconds: granted.seconds, refresher: granted.refresher === 'uas' ? 'local' : 'remote' })
    if (inDialog) this.#reportRefresh(request.method, 'remote')
    return grantedFields(request, granted)
  }

  stop(): void {
    this.#runner.end()
  }

  #heard({ headers }: SipMessage): void {
    const methods = headers.all('Allow').flatMap(splitList)
    if (methods.length > 0) this.#takesUpdate = methods.includes('UPDATE')
  }

  #agree(interval: SessionInterval | undefined): void {
    this.#runner.feed(interval === undefined ? { type: 'none' } : { type: 'agreed', ...interval })
  }

  async #refresh(): Promise<void> {
    const body = this.#takesUpdate ? undefined : this.#description()
    if (!this.#takesUpdate && body === undefined) {
      this.#refused('the peer takes no UPDATE, and there is no description for a re-INVITE')
      return
    }
    const method = this.#takesUpdate ? 'UPDATE' : 'INVITE'
    const { status, reason, headers } = await this.#user.refresh(method, body === undefined ? {} : { body })
    if (status < 300) return
    const unknown = method === 'UPDATE' && (status === 405 || status === 501)
    if (unknown) this.#takesUpdate = false
    this.#refused(`${method}: ${status} ${reason}`, unknown ? 0 : this.#againMs(status, headers))
  }

  #refused(why: string, againMs?: number): void {
    this.#why = why
    this.#runner.feed({ type: 'refused', ...(againMs === undefined ? {} : { againMs }) })
  }

  /** RFC 3261 §14.1 for a refresh that met another request, §20.33 for a peer that says when to come again. */
  #againMs(status: number, headers: Headers): number | undefined {
    const { random } = this.#order
    if (status === 491) return this.#user.caller ? 2100 + 10 * below(random, 191) : 10 * below(random, 201)
    const [seconds] = /^\d{1,10}/.exec(headers.get('Retry-After') ?? '') ?? []
    return seconds === undefined ? undefined : Number(seconds) * 1000
  }

  /** A service that fails has none. */
  #description(): Body | undefined {
    try {
      return this.#user.description()
    } catch {
      return undefined
    }
  }

  #reportRefresh(method: string, by: 'local' | 'remote'): void {
    const { interval } = this.#runner.machine
    if (interval === undefined) return
    const { callId } = this.#user
    this.#order.emit({ type: 'sip.session-refreshed', callId, method, by, expiresMs: interval.seconds * 1000 })
  }

  #expire(): void {
    const { seconds = 0, refresher = 'local' } = this.#runner.machine.interval ?? {}
    const whose = refresher === 'local' ? 'no refresh of ours was answered with 2xx' : 'the peer sent no refresh'
    const { callId } = this.#user
    this.#order.emit({ type: 'sip.session-expired', callId, refresher, expiresMs: seconds * 1000 })
    this.#user.expired(`the session timer of ${seconds} s ran out: ${whose}`)
  }
}
