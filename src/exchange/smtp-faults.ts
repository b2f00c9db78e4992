import type { SmtpReply } from '../kernel/smtp.ts'

/** A refusal to give on purpose, `count` times. */
export interface SmtpFault extends SmtpReply {
  readonly at: 'sender' | 'recipient' | 'message'
  readonly count: number
  /** User of the only mailbox it is for; any when left out. A fault at the sender is for all. */
  readonly mailbox?: string
}

export interface SmtpFaults {
  add(fault: SmtpFault): void
  /** The reply of the oldest fault that applies, used up by one. */
  take(at: SmtpFault['at'], mailboxes: readonly string[]): SmtpReply | undefined
  clear(): void
}

export function createSmtpFaults(): SmtpFaults {
  let queue: readonly SmtpFault[] = []
  return {
    add: (fault) => (queue = [...queue, fault]),
    take(at, mailboxes) {
      const applies = (f: SmtpFault): boolean =>
        f.at === at && f.count > 0 && (f.mailbox === undefined || at === 'sender' || mailboxes.includes(f.mailbox))
      const fault = queue.find(applies)
      if (fault === undefined) return undefined
      const rest = { ...fault, count: fault.count - 1 }
      queue = queue.map((f) => (f === fault ? rest : f)).filter((f) => f.count > 0)
      return { code: fault.code, enhanced: fault.enhanced, text: fault.text }
    },
    clear: () => (queue = []),
  }
}
