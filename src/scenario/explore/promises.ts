import type { Happening } from '../../lab/events.ts'
import type { ScenarioResult } from '../result.ts'
import type { Plan } from './plan.ts'

/** A promise of the lab that was seen broken. */
export interface Broken {
  readonly promise: 'nothing lost' | 'nothing twice' | 'the process lives on' | 'a harmless network changes nothing'
  readonly text: string
}

/** Message-IDs of each mailbox, as they lie there. */
export type MailboxIds = ReadonlyMap<string, readonly string[]>

/** What a play has left behind, held against what is promised. The first breach counts. */
export function brokenPromise(
  plan: Plan,
  result: ScenarioResult,
  events: readonly Happening[],
  mailboxes: MailboxIds,
): Broken | undefined {
  if (result.verdict === 'broken') return { promise: 'the process lives on', text: result.summary }
  return lost(events) ?? twice(mailboxes) ?? disturbed(plan, result)
}

/** Deposits that were answered and have come to no end: in a mailbox, reported to the postmaster, or set aside for a person. */
export function unsettled(events: readonly Happening[]): readonly string[] {
  const open = new Set<string>()
  const settle = (id: string): void => void open.delete(reported.get(id) ?? id)
  /** The deposit that a report is about. */
  const reported = new Map<string, string>()
  for (const event of events) {
    if (event.type === 'voicemail.answered') open.add(event.deposit)
    if (event.type === 'mail.spooled' && event.note !== undefined)
      reported.set(event.id, event.note.replace(/^.* /, ''))
    if (event.type === 'exchange.mail' && event.outcome !== 'refused') settle(localPart(event.id))
    // A report that cannot be delivered is kept, and never reported (RFC 5321 §4.5.5).
    if (event.type === 'mail.undeliverable' && reported.has(event.id)) settle(event.id)
  }
  return [...open]
}

/** `<deposit@host>` is of the deposit. */
const localPart = (id = ''): string => id.replace(/^<|@.*$/g, '')

function lost(events: readonly Happening[]): Broken | undefined {
  const [deposit] = unsettled(events)
  if (deposit === undefined) return undefined
  const told = events.flatMap((e) => (mentions(e, deposit) ? [`${e.type} at ${Math.round(e.at)} ms`] : []))
  return {
    promise: 'nothing lost',
    text: `deposit ${deposit} is in no mailbox and was not reported: ${told.join(', ')}`,
  }
}

const mentions = (event: Happening, deposit: string): boolean =>
  ('deposit' in event && event.deposit === deposit) || ('id' in event && localPart(event.id) === deposit)

function twice(mailboxes: MailboxIds): Broken | undefined {
  for (const [mailbox, ids] of mailboxes) {
    const double = ids.find((id, i) => ids.indexOf(id) < i)
    if (double !== undefined)
      return { promise: 'nothing twice', text: `mailbox ${mailbox} holds ${double} more than once` }
  }
  return undefined
}

function disturbed({ harmless }: Plan, { verdict, summary }: ScenarioResult): Broken | undefined {
  if (!harmless || verdict === 'passed') return undefined
  return { promise: 'a harmless network changes nothing', text: summary }
}
