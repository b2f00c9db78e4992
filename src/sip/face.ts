import type { Address, Face } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Network, Resolver } from '../kernel/network.ts'
import type { Random } from '../kernel/random.ts'
import type { PeerJudgement, TlsClient, TlsServer } from '../kernel/tls.ts'
import type { SipEvent } from './events.ts'
import type { HeaderField } from './message/headers.ts'
import type { SipRequest, SipResponse } from './message/message.ts'
import type { TimerTable } from './transaction/timers.ts'

/** The one face of SIP that services see. Narrow on purpose: a second engine can stand behind it. */

export type Transport = 'udp' | 'tcp' | 'tls'

export interface Body {
  /** Content-Type, as in `application/sdp`. */
  readonly type: string
  readonly bytes: Uint8Array
}

/** Extra headers and a body for a response or a request; the engine writes all that the dialog and transaction need. */
export interface Extra {
  readonly headers?: readonly HeaderField[]
  readonly body?: Body
}

export interface Reply extends Extra {
  readonly status: number
  /** Reason phrase; the RFC's own when left out. */
  readonly reason?: string
}

/** Where a request came from. */
export interface Source {
  readonly transport: Transport
  readonly local: Address
  readonly remote: Address
  /** On TLS: the judgement of the other end's certificate. */
  readonly peer?: PeerJudgement
}

/** Where a request is sent: the next hop, whatever the Request-URI says. */
export interface Hop {
  readonly transport: Transport
  /** Name or IP address; on TLS the name that the server must prove. */
  readonly host: string
  readonly port: number
}

export interface ListenerOrder {
  readonly transport: Transport
  readonly face: Face
  /** On TLS. */
  readonly tls?: TlsServer
}

export interface Listening {
  readonly transport: Transport
  readonly bound: Address
  readonly advertised: Address
}

export interface EndpointOrder {
  readonly network: Network
  readonly resolver: Resolver
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit<SipEvent>
  readonly timers: TimerTable
  readonly listeners: readonly ListenerOrder[]
  /** What outgoing TLS connections use, the server's name apart. */
  readonly tlsClient?: Omit<TlsClient, 'serverName'>
  /** User-Agent and Server; not written when left out. */
  readonly product?: string
  /** Left out: none is asked for, and what a peer asks for is granted. */
  readonly sessionTimer?: SessionTimerOrder
  readonly handlers: EndpointHandlers
}

/** The session timer of RFC 4028 for every session of an endpoint. On the wire stand whole seconds, 90 at the least. */
export interface SessionTimerOrder {
  /** Session interval that our INVITE asks for, and our 2xx where the peer knows timers and asks for none. */
  readonly expiresMs: number
  /** A shorter interval of a peer's is refused with 422; a shorter one of ours is made so long. */
  readonly minMs: number
  /** Whom our INVITE names to refresh; the peer decides when left out. */
  readonly refresher?: 'uac' | 'uas'
}

export interface EndpointHandlers {
  /** A new INVITE outside any dialog. The engine has sent 100 already. */
  invite(call: IncomingCall): void
  /** Any other request outside a dialog (OPTIONS, REGISTER, NOTIFY …) but CANCEL and ACK. */
  request(request: SipRequest, source: Source): Promise<Reply>
}

export interface Endpoint {
  readonly listening: readonly Listening[]
  invite(order: InviteOrder): OutgoingCall
  /** A request outside any dialog; a timeout is a 408, a transport failure a 503 made here (RFC 3261 §8.1.3.1). Never rejects. */
  request(order: RequestOrder): Promise<SipResponse>
  /** Ends every session with BYE, every pending call with CANCEL or 503, then closes listeners and connections. */
  close(): Promise<void>
}

export interface RequestOrder extends Extra {
  readonly method: string
  readonly uri: string
  readonly hop: Hop
  /** name-addr or addr-spec, without tag. */
  readonly from: string
  readonly to: string
  /** User part of our Contact. */
  readonly contactUser?: string
}

export interface InviteOrder extends Omit<RequestOrder, 'method'> {
  /** Made up when left out. */
  readonly callId?: string
  /** Each 101–199 response, as it comes. */
  readonly progress?: (response: SipResponse) => void
  readonly session?: SessionHandlers
}

export interface OutgoingCall {
  readonly callId: string
  /** Never rejects. */
  readonly outcome: Promise<CallOutcome>
  /** CANCEL, as soon as RFC 3261 §9.1 allows; if a 2xx crosses it, that is acknowledged and ended with BYE. */
  cancel(): void
}

export type CallOutcome =
  | { readonly type: 'answered'; readonly session: Session; readonly response: SipResponse }
  /** A final response of 300 or more; 408 and 503 may be made here, then `local` is true and `error` says why. */
  | { readonly type: 'refused'; readonly response: SipResponse; readonly local: boolean; readonly error?: Error }

export interface IncomingCall {
  readonly callId: string
  readonly request: SipRequest
  readonly source: Source
  /** 101–199, unreliable. */
  progress(status: number, extra?: Extra): void
  /** 200 with a Contact of ours; repeated until ACK (RFC 3261 §13.3.1.4). */
  accept(extra: Extra, session?: SessionHandlers): Session
  /** A final response of 300 or more. */
  refuse(reply: Reply): void
  /** Called once if CANCEL came (487 has been sent) or the transport died before the final response. */
  onCancel(listener: () => void): void
}

export interface SessionHandlers {
  /** BYE came. Its 200 goes out when this resolves, or after `byeAnswer` of the timer table. */
  bye?(request: SipRequest): Promise<void> | void
  /** A re-INVITE came, or an UPDATE with a body (RFC 3311 §5.2). 488 when not handled. */
  reinvite?(request: SipRequest): Promise<Reply>
  /**
   * Our session description as last sent, for a refresh by re-INVITE (RFC 4028 §7.4). Without one a session with a
   * peer that takes no UPDATE cannot be refreshed from here.
   */
  description?(): Body | undefined
  /** INFO, NOTIFY and others inside the dialog. 405 or 501 when not handled. */
  request?(request: SipRequest): Promise<Reply>
}

/** A confirmed dialog that an INVITE made. */
export interface Session {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** Resolves when it is over, with who ended it; `failed`: no ACK, no refresh in time, or the transport died. */
  readonly ended: Promise<SessionEnd>
  /** BYE; resolves with `ended`. */
  bye(extra?: Extra): Promise<void>
  /** A request inside the dialog, re-INVITE included (whose ACK the engine sends). Never rejects. */
  request(method: string, extra?: Extra): Promise<SipResponse>
}

export interface SessionEnd {
  readonly by: 'local' | 'remote' | 'failed'
  readonly text?: string
}
