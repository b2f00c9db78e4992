import type { Identity } from '../kernel/tls.ts'
import type { Pending } from '../ews/oauth/jws.ts'
import type { OofSettings } from '../ews/oof.ts'

export interface ExchangeConfig {
  /** Realm of OAuth: the tenant's domain or id. */
  readonly realm: string
  /** Host name of the web services, as tokens name it, and of the receive connector. */
  readonly host: string
  /** Accepted domains; the postmaster mailbox stands in the first. */
  readonly domains: readonly string[]
  readonly mailboxes: readonly MailboxConfig[]
  /** With it, CloudVoicemail works only while SfBOnline does too; true when left out. False is the day the legacy is gone. */
  readonly needsSkypeForBusiness?: boolean
  /** Life of an actor token in ms; 28,800,000 when left out. */
  readonly tokenLifetimeMs?: number
  /** Allowance for clocks that differ, in ms; five minutes when left out. */
  readonly skewMs?: number
}

export interface MailboxConfig {
  /** Names the Maildir: a plain file name. */
  readonly user: string
  /** Primary SMTP address; `<user>@<first domain>` when left out. */
  readonly smtp?: string
  readonly displayName: string
  readonly extension: string
  readonly oof?: Partial<OofSettings>
}

export interface ExchangeKeys {
  /** What the authorization server signs its tokens with, and Exchange trusts. */
  readonly authorizationServer: Identity
  /** PEM of Exchange's current auth certificate, uploaded for every application at the start. */
  readonly authCertificate: string
  readonly pending?: Pending
}

/** The user of the mailbox that every domain has (RFC 5321 §4.5.1). */
export const postmaster = 'postmaster'
