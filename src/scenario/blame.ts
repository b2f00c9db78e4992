import type { Happening } from '../lab/events.ts'

/** The station at fault, and the events that show it. */
export interface Blame {
  readonly station?: string
  readonly evidence?: readonly number[]
}

const seqs = (events: readonly Happening[]): readonly number[] => events.map((e) => e.seq)

/** Which station refused a call: the furthest one down the road that said so. */
export function refusedBy(events: readonly Happening[], status: number): Blame {
  const tls = events.filter((e) => e.type === 'tls.refused')
  if (tls[0] !== undefined) return { station: tls[0].station, evidence: seqs(tls) }
  for (const type of ['voicemail.refused', 'sbc.refused', 'pbx.refused'] as const) {
    const said = events.filter((e) => e.type === type)
    if (said[0] !== undefined) return { station: said[0].station, evidence: seqs(said) }
  }
  const reached = [...events]
    .reverse()
    .find((e) => e.type === 'sip.message' && e.direction === 'in' && e.title.startsWith('INVITE'))
  return reached === undefined
    ? { station: status === 503 ? 'pbx' : 'caller' }
    : { station: reached.station, evidence: [reached.seq] }
}

/** Who is at fault for a greeting that was not the one expected: the service that chose it, or those that carried it. */
export function wrongGreeting(events: readonly Happening[], heard: string | undefined): Blame {
  const chosen = events.filter((e) => e.type === 'voicemail.greeting')
  const asked = events.filter((e) => e.type === 'oauth.refused' || e.type === 'ews.oof')
  if (chosen.length === 0) {
    const answered = events.filter((e) => e.type === 'pbx.answered')
    return { station: answered.length > 0 ? 'pbx' : 'voicemail', evidence: seqs(answered) }
  }
  return { station: heard === undefined ? 'sbc' : 'voicemail', evidence: seqs([...asked, ...chosen]) }
}

/** Why a mail is not there: refused or put off by Exchange, or never sent. */
export function missingMail(events: readonly Happening[]): Blame {
  const refused = events.filter(
    (e) =>
      e.type === 'mail.undeliverable' ||
      e.type === 'mail.retry' ||
      (e.type === 'exchange.mail' && e.outcome === 'refused'),
  )
  if (refused.length > 0) return { station: 'exchange', evidence: seqs(refused) }
  const reached = events.filter(
    (e) => e.type === 'voicemail.answered' || e.type === 'voicemail.kept' || e.type === 'voicemail.spooled',
  )
  return { station: reached.length > 0 ? 'voicemail' : 'sbc', evidence: seqs(reached) }
}
