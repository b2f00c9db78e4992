import type { SmtpOutcome } from '../kernel/smtp.ts'
import type { SpoolEntry } from './entry.ts'
import type { MailEvent } from './events.ts'

/**
 * One spooled message on its way: RFC 5321 §4.5.4.1 (sending strategy) and §6.1 (reliable delivery).
 *
 * A pure function. The spool owns the disk, the clock and the sender, and tells it what came of each effect.
 */
export type Status = 'waiting' | 'sending' | 'delivered' | 'bounced' | 'reported' | 'dead' | 'gone'

export interface Delivery {
  readonly status: Status
  readonly entry: SpoolEntry
  /** Why it was given up. */
  readonly verdict?: SmtpOutcome
  readonly reason?: string
}

export interface RetryRules {
  /** ms between attempts; the last is repeated. */
  readonly schedule: readonly number[]
  /** ms from submission until a message that cannot be delivered is given up. */
  readonly expiryMs: number
}

export type DeliveryEvent =
  | { readonly type: 'due' }
  | { readonly type: 'outcome'; readonly outcome: SmtpOutcome; readonly wall: number }
  /** The effect asked for was carried out. */
  | { readonly type: 'done' }
  /** It was not; the disk's words. */
  | { readonly type: 'failed'; readonly text: string; readonly wall: number }
  /** The message has gone from the disk, or cannot be used. */
  | { readonly type: 'unusable'; readonly text: string }

export type DeliveryEffect =
  | { readonly do: 'send' | 'save' | 'report' | 'remove' | 'set-aside' }
  /** Feed `due` at this wall time. */
  | { readonly do: 'wake'; readonly at: number }
  | { readonly do: 'emit'; readonly event: MailEvent }

export type DeliveryStep = readonly [Delivery, readonly DeliveryEffect[]]

const fallbackMs = 30_000

export function begin(entry: SpoolEntry): DeliveryStep {
  return [{ status: 'waiting', entry }, [{ do: 'wake', at: entry.next }]]
}

export function step(delivery: Delivery, event: DeliveryEvent, rules: RetryRules): DeliveryStep {
  switch (event.type) {
    case 'due':
      return due(delivery)
    case 'outcome':
      return delivery.status === 'sending' ? judged(delivery, event.outcome, event.wall, rules) : [delivery, []]
    case 'done':
      return done(delivery)
    case 'failed':
      return failed(delivery, event.text, event.wall, rules)
    case 'unusable':
      return [{ ...delivery, status: 'dead', reason: event.text }, [{ do: 'set-aside' }]]
  }
}

function due(delivery: Delivery): DeliveryStep {
  switch (delivery.status) {
    case 'waiting':
      return [{ ...delivery, status: 'sending' }, [{ do: 'send' }]]
    case 'delivered':
    case 'reported':
      return [delivery, [{ do: 'remove' }]]
    case 'bounced':
      return [delivery, [{ do: 'report' }]]
    case 'dead':
      return [delivery, [{ do: 'set-aside' }]]
    case 'sending':
    case 'gone':
      return [delivery, []]
  }
}

function done(delivery: Delivery): DeliveryStep {
  switch (delivery.status) {
    case 'bounced':
      return [{ ...delivery, status: 'reported' }, [{ do: 'remove' }]]
    case 'delivered':
    case 'reported':
    case 'dead':
      return [{ ...delivery, status: 'gone' }, []]
    case 'waiting':
    case 'sending':
    case 'gone':
      return [delivery, []]
  }
}

/** The disk failed: what remains to be done is tried again after the shortest interval. */
function failed(delivery: Delivery, text: string, wall: number, { schedule }: RetryRules): DeliveryStep {
  const said: DeliveryEffect = { do: 'emit', event: { type: 'mail.spool-failed', id: delivery.entry.id, text } }
  if (delivery.status === 'waiting' || delivery.status === 'gone') return [delivery, [said]]
  const status = delivery.status === 'sending' ? 'waiting' : delivery.status
  return [{ ...delivery, status }, [{ do: 'wake', at: wall + (schedule[0] ?? fallbackMs) }, said]]
}

function judged(delivery: Delivery, outcome: SmtpOutcome, wall: number, rules: RetryRules): DeliveryStep {
  const entry = { ...delivery.entry, attempts: delivery.entry.attempts + 1 }
  const attempt = attemptEffect(entry, outcome)
  if (outcome.outcome === 'accepted') {
    const said: MailEvent = { type: 'mail.delivered', id: entry.id, to: entry.to, attempts: entry.attempts }
    return [{ status: 'delivered', entry }, [attempt, { do: 'emit', event: said }, { do: 'remove' }]]
  }
  const end = entry.submitted + rules.expiryMs
  if (outcome.outcome === 'refused' || wall >= end) return givenUp(entry, outcome, attempt)
  const next = Math.min(wall + interval(rules, entry.attempts), end)
  const said: MailEvent = { type: 'mail.retry', id: entry.id, next }
  return [
    { status: 'waiting', entry: { ...entry, next } },
    [attempt, { do: 'save' }, { do: 'wake', at: next }, { do: 'emit', event: said }],
  ]
}

/** A report that cannot be delivered is never reported (RFC 5321 §4.5.5): it is set aside. */
function givenUp(entry: SpoolEntry, verdict: SmtpOutcome, attempt: DeliveryEffect): DeliveryStep {
  const reason = textOf(verdict)
  const said: DeliveryEffect = {
    do: 'emit',
    event: { type: 'mail.undeliverable', id: entry.id, to: entry.to, text: reason },
  }
  return entry.from === ''
    ? [{ status: 'dead', entry, verdict, reason }, [attempt, said, { do: 'set-aside' }]]
    : [{ status: 'bounced', entry, verdict, reason }, [attempt, said, { do: 'report' }]]
}

function interval({ schedule }: RetryRules, attempts: number): number {
  return schedule[Math.min(attempts, schedule.length) - 1] ?? fallbackMs
}

function attemptEffect(entry: SpoolEntry, outcome: SmtpOutcome): DeliveryEffect {
  const said = { type: 'mail.attempt', id: entry.id, attempt: entry.attempts, outcome: outcome.outcome } as const
  if (outcome.outcome === 'unreachable') return { do: 'emit', event: { ...said, text: outcome.text } }
  return { do: 'emit', event: { ...said, ...outcome.reply } }
}

/** The reply as it stood on the wire, or why there was none. */
export function textOf(outcome: SmtpOutcome): string {
  if (outcome.outcome === 'unreachable') return outcome.text
  const { code, enhanced, text } = outcome.reply
  return [String(code), enhanced, text].filter((part) => part !== '').join(' ')
}
