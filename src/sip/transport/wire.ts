import type { Emit } from '../../kernel/bus.ts'
import type { SipEvent } from '../events.ts'
import type { SipMessage } from '../message/message.ts'
import type { ParseResult } from '../message/parse.ts'
import type { Flow } from './flow.ts'

export type Malformed = Extract<ParseResult, { ok: false }>

/** Where sockets and connections hand up what they read. */
export interface Wire {
  readonly emit: Emit<SipEvent>
  receive(message: SipMessage, flow: Flow): void
  malformed(fault: Malformed, flow: Flow): void
}

export function messageEvent(direction: 'in' | 'out', flow: Flow, message: SipMessage, bytes: Uint8Array): SipEvent {
  const { transport, local, remote } = flow
  const title = message.type === 'request' ? `${message.method} ${message.uri}` : `${message.status} ${message.reason}`
  const callId = message.headers.get('Call-ID') ?? ''
  const cseq = message.headers.get('CSeq') ?? ''
  const text = Buffer.from(bytes).toString('latin1')
  return { type: 'sip.message', direction, transport, local, remote, callId, title, cseq, text }
}
