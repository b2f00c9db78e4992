import type { Stamped } from '../kernel/bus.ts'
import type { EwsEvent } from '../ews/events.ts'
import type { ExchangeEvent } from '../exchange/events.ts'
import type { MailEvent } from '../mail/events.ts'
import type { MediaEvent } from '../media/events.ts'
import type { NetEvent } from '../net/events.ts'
import type { HttpEvent } from '../net/http-events.ts'
import type { SmtpEvent } from '../net/smtp-events.ts'
import type { PbxEvent } from '../pbx/events.ts'
import type { SbcEvent } from '../sbc/events.ts'
import type { SipEvent } from '../sip/events.ts'
import type { VoicemailEvent } from '../voicemail/events.ts'

/** What the lab itself says. */
export type LabOwnEvent =
  | { readonly type: 'lab.started'; readonly roles: RoleAddresses }
  | { readonly type: 'lab.stopped' }
  /** A state was set or a fault injected by a scenario or over the control face. */
  | { readonly type: 'lab.set'; readonly what: string; readonly value: string }
  | { readonly type: 'lab.killed'; readonly role: string; readonly power: boolean }
  | { readonly type: 'lab.restarted'; readonly role: string }
  /** Something of ours failed that no protocol has an answer for. */
  | { readonly type: 'lab.broken'; readonly text: string }

/** Listening addresses by role and transport, as in `roles.pbx.udp: "127.0.0.1:5060"`. */
export type RoleAddresses = Readonly<Record<string, Readonly<Record<string, string>>>>

export type LabEvent =
  | EwsEvent
  | ExchangeEvent
  | HttpEvent
  | LabOwnEvent
  | MailEvent
  | MediaEvent
  | NetEvent
  | PbxEvent
  | SbcEvent
  | SipEvent
  | SmtpEvent
  | VoicemailEvent

/** Any event as it stands on the bus. */
export type Happening = Stamped<LabEvent>
