import type { StoredMail } from '../kernel/store.ts'
import type { Bus } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Authorization, Exchange } from '../exchange/exchange.ts'
import type { LabEvent, RoleAddresses } from './events.ts'

export type RoleName = 'pbx' | 'sbc' | 'voicemail' | 'exchange'

/** A running lab, as scenarios, the control face and the CLI see it. */
export interface Lab {
  readonly bus: Bus<LabEvent>
  readonly clock: Clock
  readonly roles: RoleAddresses
  /** State of mailboxes, automatic replies, partner applications; SMTP faults. */
  readonly exchange: Exchange
  /** Sound that can be heard here, by name: greetings, system prompts. PCM16 mono at 8 kHz. */
  readonly references: ReadonlyMap<string, Int16Array>
  /** Mails delivered to the mailbox of a number or address, oldest first; none while Exchange is down, when nobody could look. */
  mails(mailbox: string): Promise<readonly StoredMail[]>
  /** By number or address. @throws PosternError mailbox-unknown */
  setAutomaticReplies(mailbox: string, replies: AutomaticReplies): void
  /** Makes the authorization work, or fail in one way. */
  setAuthorization(state: Authorization): void
  injectSmtpFault(fault: SmtpFault): void
  /** Ends a role at once, as `kill -9` does; with `power` its disks forget what was not synced. @throws PosternError lab-broken on real sockets */
  kill(role: RoleName, power?: boolean): void
  /** Starts a killed role anew, on the same addresses and disks. */
  restart(role: RoleName): Promise<void>
  phone(order: PhoneOrder): Promise<Phone>
  close(): Promise<void>
}

/** Off, on, or on from one wall time to another (RFC 3339 with offset). */
export type AutomaticReplies = 'off' | 'on' | { readonly from: string; readonly to: string }

/** The receive connector answers so at that step, so many times. */
export interface SmtpFault {
  readonly at: 'sender' | 'recipient' | 'message'
  /** As in `451 4.3.2 try later`. */
  readonly reply: string
  readonly times: number
}

export interface PhoneOrder {
  /** Station name on the bus, as in `caller`. */
  readonly name: string
  /** Number or SIP URI of the caller. */
  readonly from: string
  readonly displayName?: string
}

/** A telephone on the PBX. */
export interface Phone {
  /** Calls a number of the PBX, or a SIP URI; resolves at the final response. */
  call(to: string): Promise<PhoneCall | PhoneRefusal>
  close(): Promise<void>
}

export interface PhoneRefusal {
  readonly type: 'refused'
  readonly callId: string
  readonly status: number
  readonly reason: string
  /** True when the response was made here: nobody answered, or the line failed. */
  readonly local: boolean
  /** Why it was made here. */
  readonly error?: Error
}

export interface PhoneCall {
  readonly type: 'answered'
  readonly callId: string
  /** Resolves when the call is over, with who ended it. */
  readonly ended: Promise<{ readonly by: 'local' | 'remote' | 'failed' }>
  /** Resolves at the end of the next steady tone of at least 200 ms; `false` when the call ended first or `withinMs` passed. */
  tone(withinMs: number): Promise<boolean>
  /** Resolves when it was said to its end; `false` when the call ended first. */
  say(pcm: Int16Array): Promise<boolean>
  press(digits: string): Promise<void>
  hangUp(): Promise<void>
  /** All that was heard from answer to end: PCM16 mono at 8 kHz. Resolves once the call has ended. */
  heard(): Promise<Int16Array>
}
