import type { HeardReference, Recognition } from '../media/ears/recognise.ts'
import type { Happening } from '../lab/events.ts'
import { wrongGreeting } from './blame.ts'
import type { StepResult } from './result.ts'
import type { Verbs } from './schema.ts'
import type { Watch } from './watch.ts'

/** What a step came to, its text and place apart. */
export type Found = Omit<StepResult, 'text' | 'line'>

export const failed = (expected: string, observed: string, more: Partial<Found> = {}): Found => ({
  verdict: 'failed',
  expected,
  observed,
  ...more,
})

const rated = (h: HeardReference): string => `${h.name} (${h.confidence.toFixed(2)})`

/**
 * The greeting was heard, after what was heard before it. `nearest`: what was heard is most like these, though not like
 * enough to be one of them.
 */
export function hearCheck(
  expected: string,
  heard: readonly HeardReference[],
  watch: Watch,
  nearest: Recognition['all'] = [],
): Found {
  const found = heard.find((h) => h.name === expected)
  if (found !== undefined) return { verdict: 'passed', observed: `heard ${rated(found)}` }
  const like = nearest.slice(0, 2).map((n) => `${n.name} (${n.confidence.toFixed(2)})`)
  const nothing =
    like.length === 0 ? 'heard nothing that is known' : `heard nothing for certain, nearest ${like.join(' and ')}`
  const instead = heard.length === 0 ? nothing : `heard ${heard.map(rated).join(', ')}`
  return failed(expected, instead, wrongGreeting(watch.events, heard[0]?.name))
}

/** Whether an event is of that type, at that station, with those fields. */
function fits(wanted: Verbs['no-event']): (event: Happening) => boolean {
  const fields = Object.entries(wanted.with ?? {})
  return (event) => {
    if (event.type !== wanted.type || (wanted.station ?? event.station) !== event.station) return false
    const plain = event as unknown as Readonly<Record<string, unknown>>
    return fields.every(([name, value]) => plain[name] === value)
  }
}

/** Judged last: such an event has not happened. */
export function noEventCheck(wanted: Verbs['no-event'], watch: Watch): Found {
  const against = watch.events.filter(fits(wanted))
  if (against.length === 0) return { verdict: 'passed' }
  const station = against[0]?.station
  return failed(
    `no ${wanted.type}`,
    `${against.length} happened, first: ${against
      .slice(0, 1)
      .map((e) => eventText(e))
      .join('')}`,
    {
      ...(station === undefined ? {} : { station }),
      evidence: against.map((e) => e.seq),
    },
  )
}

/** Such an event, past or soon. */
export async function eventCheck(wanted: Verbs['event'], watch: Watch): Promise<Found> {
  const found = await watch.until(fits(wanted), wanted.within)
  const what = `${wanted.station ?? 'any station'} to say ${wanted.type} ${JSON.stringify(wanted.with ?? {})}`
  if (found !== undefined)
    return { verdict: 'passed', observed: eventText(found, Object.keys(wanted.with ?? {})), evidence: [found.seq] }
  const near = watch.events.filter((e) => e.type === wanted.type)
  return failed(what, near.length === 0 ? `no ${wanted.type} happened` : nearText(near, wanted), {
    evidence: near.map((e) => e.seq),
  })
}

/** Of many only the last is told. */
function nearText(near: readonly Happening[], { with: fields = {} }: Verbs['event']): string {
  const texts = near.slice(-mostTold).map((event) => eventText(event, Object.keys(fields)))
  return near.length <= mostTold ? texts.join('; ') : `${near.length} happened, last: ${texts.at(-1) ?? ''}`
}

const mostTold = 3

const words = ['by', 'status', 'reason', 'diagnostics', 'text']

/** An event in one line: who, what, its words, and the fields that were asked for. */
function eventText(event: Happening, asked: readonly string[] = []): string {
  const plain = event as unknown as Readonly<Record<string, unknown>>
  const told = (name: string): readonly string[] => {
    const value = plain[name]
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
  }
  const more = asked.filter((name) => !words.includes(name)).flatMap((name) => told(name).map((v) => `${name} ${v}`))
  return [event.station, event.type, ...words.flatMap(told), ...more].join(' ')
}
