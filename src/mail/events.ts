/** What the spool says. `id` is the submitter's; times are ms since 1970-01-01T00:00Z. */
export type MailEvent =
  | {
      readonly type: 'mail.spooled'
      readonly id: string
      readonly to: string
      readonly bytes: number
      readonly note?: string
    }
  | {
      readonly type: 'mail.attempt'
      readonly id: string
      /** Counts from 1. */
      readonly attempt: number
      readonly outcome: 'accepted' | 'deferred' | 'refused' | 'unreachable'
      /** SMTP code and enhanced code (RFC 3463), when the server answered. */
      readonly code?: number
      readonly enhanced?: string
      readonly text: string
    }
  | { readonly type: 'mail.delivered'; readonly id: string; readonly to: string; readonly attempts: number }
  | { readonly type: 'mail.retry'; readonly id: string; readonly next: number }
  /** Given up: a non-delivery report follows, unless this was one. */
  | { readonly type: 'mail.undeliverable'; readonly id: string; readonly to: string; readonly text: string }
  /** Moved to `spool/dead`, for a person to look at. */
  | { readonly type: 'mail.set-aside'; readonly name: string; readonly text: string }
  /** The spool's disk failed after a message was accepted; the step is tried again. */
  | { readonly type: 'mail.spool-failed'; readonly id: string; readonly text: string }
