/** One SMTP reply: RFC 5321 code, RFC 3463 enhanced code, text. */
export interface SmtpReply {
  readonly code: number
  readonly enhanced: string
  readonly text: string
}

export interface Envelope {
  /** Reverse-path; empty for notifications (RFC 5321 §4.5.5). */
  readonly from: string
  readonly to: readonly string[]
}

/** What a role exports to be hosted as a receive connector. A code of 400 or more refuses that step. */
export interface SmtpHandler {
  /** After MAIL FROM. */
  sender(from: string): Promise<SmtpReply>
  /** After each RCPT TO. */
  recipient(to: string, from: string): Promise<SmtpReply>
  /** After DATA: the message is safe when this answers 250. */
  message(envelope: Envelope, message: Uint8Array): Promise<SmtpReply>
}

/** What became of one attempt to send: one verdict for the whole envelope. */
export type SmtpOutcome =
  | { readonly outcome: 'accepted'; readonly reply: SmtpReply }
  | { readonly outcome: 'deferred' | 'refused'; readonly reply: SmtpReply }
  /** No reply: no connection, TLS refused, or the line went dead. To be tried again. */
  | { readonly outcome: 'unreachable'; readonly text: string }

/** Never throws: whatever happens is an outcome. */
export type SmtpSender = (envelope: Envelope, message: Uint8Array) => Promise<SmtpOutcome>
