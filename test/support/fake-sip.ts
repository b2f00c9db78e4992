import type {
  Body,
  CallOutcome,
  Endpoint,
  Extra,
  IncomingCall,
  InviteOrder,
  OutgoingCall,
  Reply,
  RequestOrder,
  Session,
  SessionEnd,
  SessionHandlers,
  Source,
} from '../../src/sip/face.ts'
import { Headers, type HeaderField } from '../../src/sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message/message.ts'

/** The endpoint's face without a wire: a test says what the other side does, and reads what ours did. */

export const fields = (headers: Readonly<Record<string, string>>): HeaderField[] =>
  Object.entries(headers).map(([name, value]) => ({ name, value }))

export function request(
  method: string,
  uri: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): SipRequest {
  return { type: 'request', method, uri, headers: new Headers(fields(headers)), body: Buffer.from(body) }
}

export function response(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Uint8Array = '',
): SipResponse {
  return { type: 'response', status, reason, headers: new Headers(fields(headers)), body: Buffer.from(body) }
}

const here = { host: '10.0.0.1', port: 5060 }

export class FakeSession implements Session {
  readonly localTag = 'local'
  readonly remoteTag = 'remote'
  readonly ended: Promise<SessionEnd>
  readonly requests: { readonly method: string; readonly extra: Extra | undefined }[] = []
  readonly callId: string
  /** What the other side does with our BYE: until it resolves there is no answer. */
  byeAnswer: Promise<void> = Promise.resolve()
  byes = 0
  readonly #handlers: SessionHandlers
  #end: (end: SessionEnd) => void = () => undefined

  constructor(callId: string, handlers: SessionHandlers = {}) {
    this.callId = callId
    this.#handlers = handlers
    this.ended = new Promise((resolve) => (this.#end = resolve))
  }

  async bye(): Promise<void> {
    this.byes++
    await this.byeAnswer
    this.#end({ by: 'local' })
    await this.ended
  }

  request(method: string, extra?: Extra): Promise<SipResponse> {
    this.requests.push({ method, extra })
    return Promise.resolve(response(200, 'OK'))
  }

  /** The other side's BYE; resolves when ours has answered it. */
  async receiveBye(): Promise<void> {
    await this.#handlers.bye?.(request('BYE', 'sip:us@10.0.0.1'))
    this.#end({ by: 'remote' })
  }

  async receive(inDialog: SipRequest): Promise<Reply | undefined> {
    return this.#handlers.request?.(inDialog)
  }

  /** The other side's re-INVITE, or UPDATE with a body. */
  async reoffer(body: string | Uint8Array): Promise<Reply | undefined> {
    return this.#handlers.reinvite?.(request('INVITE', 'sip:us@10.0.0.1', {}, Buffer.from(body).toString()))
  }

  /** What a refresh of ours by re-INVITE says. */
  get description(): Body | undefined {
    return this.#handlers.description?.()
  }

  /** No ACK, or the transport died. */
  fail(): void {
    this.#end({ by: 'failed' })
  }
}

export class FakeCall implements IncomingCall {
  readonly callId: string
  readonly request: SipRequest
  readonly source: Source = { transport: 'udp', local: here, remote: { host: '10.0.0.9', port: 5060 } }
  readonly progressed: number[] = []
  readonly refused: Reply[] = []
  accepted: Extra | undefined
  session: FakeSession | undefined
  readonly #listeners: (() => void)[] = []
  #cancelled = false

  constructor(invite: SipRequest, callId = 'in@caller') {
    this.request = invite
    this.callId = callId
  }

  progress(status: number): void {
    this.progressed.push(status)
  }

  accept(extra: Extra, handlers?: SessionHandlers): Session {
    this.accepted = extra
    this.session = new FakeSession(this.callId, handlers)
    return this.session
  }

  refuse(reply: Reply): void {
    this.refused.push(reply)
  }

  onCancel(listener: () => void): void {
    if (this.#cancelled) listener()
    else this.#listeners.push(listener)
  }

  cancel(): void {
    this.#cancelled = true
    for (const listener of this.#listeners) listener()
  }
}

export class FakeOutgoing implements OutgoingCall {
  readonly callId = 'out@us'
  readonly order: InviteOrder
  readonly outcome: Promise<CallOutcome>
  readonly session: FakeSession
  cancelled = 0
  #settle: (outcome: CallOutcome) => void = () => undefined

  constructor(order: InviteOrder) {
    this.order = order
    this.session = new FakeSession(this.callId, order.session)
    this.outcome = new Promise((resolve) => (this.#settle = resolve))
  }

  cancel(): void {
    this.cancelled++
  }

  answer(body: string | Uint8Array): void {
    const ok = response(200, 'OK', { 'Content-Type': 'application/sdp' }, body)
    this.#settle({ type: 'answered', session: this.session, response: ok })
  }

  refuse(refusal: SipResponse): void {
    this.#settle({ type: 'refused', response: refusal, local: false })
  }
}

export class FakeEndpoint implements Endpoint {
  readonly listening = []
  readonly calls: FakeOutgoing[] = []

  /** The call made last. */
  get call(): FakeOutgoing {
    const last = this.calls.at(-1)
    if (last === undefined) throw new Error('no call was made')
    return last
  }

  invite(order: InviteOrder): OutgoingCall {
    const made = new FakeOutgoing(order)
    this.calls.push(made)
    return made
  }

  request(order: RequestOrder): Promise<SipResponse> {
    return Promise.resolve(response(501, `no ${order.method} here`))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Lets every promise that can settle do so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
