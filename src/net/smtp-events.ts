import type { Address } from '../kernel/address.ts'

interface SmtpSession {
  readonly side: 'server' | 'client'
  readonly local: Address
  readonly remote: Address
}

/** What passes in SMTP sessions. Messages themselves are not shown. */
export type SmtpEvent =
  | ({
      readonly type: 'smtp.session'
      /** `secured`: STARTTLS is done; on the client's side also judged. */
      readonly state: 'opened' | 'secured' | 'closed'
      /** What the client called itself, once it did. */
      readonly ehlo?: string
    } & SmtpSession)
  /** A reply to a step of a mail transaction; `text` without the codes. */
  | ({
      readonly type: 'smtp.reply'
      readonly step: 'session' | 'mail' | 'rcpt' | 'data'
      /** The address of MAIL or RCPT. */
      readonly argument?: string
      readonly code: number
      readonly enhanced: string
      readonly text: string
    } & SmtpSession)
  /** No reply: a dead line, a refused certificate, a handler that failed. */
  | ({ readonly type: 'smtp.failed'; readonly text: string } & SmtpSession)
