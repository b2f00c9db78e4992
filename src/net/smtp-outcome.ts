import { messageOf } from '../kernel/errors.ts'
import type { SmtpOutcome, SmtpReply } from '../kernel/smtp.ts'

/** A reply of one or more lines as it came (RFC 5321 §4.2.1), its enhanced code (RFC 2034) taken out of the text. */
export function replyOf(response: string): SmtpReply {
  const lines = response
    .split(/\r?\n/)
    .map((line) => /^(\d{3})[ -]?(?:([245]\.\d{1,3}\.\d{1,3})(?: |$))?(.*)$/s.exec(line))
  const [, code = '0', enhanced = ''] = lines[0] ?? []
  const text = lines.map((line) => line?.[3]?.trim() ?? '').filter((part) => part !== '')
  return { code: Number(code), enhanced, text: text.join(' ') }
}

/** Faults in the envelope or the message that the client finds itself: no server would do better. */
const ours: Readonly<Record<string, SmtpReply>> = {
  EENVELOPE: { code: 553, enhanced: '5.1.3', text: '' },
  EMESSAGE: { code: 554, enhanced: '5.6.0', text: '' },
}

/**
 * What a failure of the client means. A 5xx is final for the mail transaction alone: one in the greeting or to EHLO or STARTTLS says that
 * the server cannot talk to us now, not that it does not want the message.
 */
export function outcomeOf(failure: unknown): SmtpOutcome {
  const { code, command, response } = fieldsOf(failure)
  if (response !== undefined) {
    const reply = replyOf(response)
    if (reply.code >= 400 && reply.code < 600) {
      const transaction = command === 'MAIL FROM' || command === 'RCPT TO' || command === 'DATA'
      return { outcome: reply.code >= 500 && transaction ? 'refused' : 'deferred', reply }
    }
  }
  const local = command === 'API' || response === undefined ? ours[code ?? ''] : undefined
  if (local) return { outcome: 'refused', reply: { ...local, text: messageOf(failure) } }
  return { outcome: 'unreachable', text: messageOf(failure) }
}

function fieldsOf(failure: unknown): { code?: string; command?: string; response?: string } {
  if (!(failure instanceof Error)) return {}
  const { code, command, response } = failure as { code?: unknown; command?: unknown; response?: unknown }
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof command === 'string' && { command }),
    ...(typeof response === 'string' && { response }),
  }
}
