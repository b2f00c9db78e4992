import { formatAddress, type Address } from '../kernel/address.ts'
import type { Happening, RoleAddresses } from '../lab/events.ts'
import { noteOf } from './notes.ts'
import { pairUp, type MessageEvent, type Pairs } from './pairs.ts'

interface AnyRow {
  /** ms since the lab began. */
  readonly at: number
  readonly seq: number
}

/** A message from one station to another, drawn as it was sent. */
export interface MessageRow extends AnyRow {
  readonly kind: 'message'
  readonly from: string
  readonly to: string
  /** `INVITE sip:1001@…` or `180 Ringing`. */
  readonly title: string
  /** The method, or status and method, as in `200 OK (BYE)`. */
  readonly label: string
  /** The transport. */
  readonly how: string
  readonly text: string
  /** seq of the same message at its receiver. */
  readonly received?: number
}

export interface NoteRow extends AnyRow {
  readonly kind: 'note'
  readonly station: string
  readonly title: string
  readonly bad: boolean
}

export type Row = MessageRow | NoteRow

export interface Ladder {
  /** From left to right. */
  readonly stations: readonly string[]
  readonly rows: readonly Row[]
}

/** The stations in the order of the road. */
const road = ['pbx', 'sbc', 'voicemail', 'exchange']
/** What is no station of the road at all stands at its end. */
const aside = ['media', 'control', 'lab']

/** Every SIP message over all hops, once, and what the stations said between them. */
export function ladderOf(events: readonly Happening[]): Ladder {
  const messages = events.filter((e) => e.type === 'sip.message')
  const pairs = pairUp(messages)
  const owner = ownersOf(events)
  const rows = events.flatMap((e) => rowOf(e, pairs, owner))
  return { stations: inOrder(rows, new Set(events.map((e) => e.station))), rows }
}

type Owner = (transport: string, address: Address) => string

function rowOf(e: Happening, pairs: Pairs, owner: Owner): readonly Row[] {
  const { at, seq, station } = e
  if (e.type !== 'sip.message') {
    const note = noteOf(e)
    return note === undefined ? [] : [{ kind: 'note', at, seq, station, ...note }]
  }
  if (pairs.paired.has(seq)) return []
  const received = pairs.received.get(seq)
  const other = received?.station ?? owner(e.transport, e.remote)
  const [from, to] = e.direction === 'out' ? [station, other] : [other, station]
  const row = { kind: 'message', at, seq, from, to, title: e.title, label: labelOf(e), how: e.transport } as const
  return [{ ...row, text: readable(e.text), ...(received === undefined ? {} : { received: received.seq }) }]
}

function labelOf({ title, cseq }: MessageEvent): string {
  if (!/^\d{3} /.test(title)) return title.split(' ')[0] ?? title
  const method = cseq.split(/\s+/)[1]
  return method === undefined ? title : `${title} (${method})`
}

/** A message is UTF-8 (RFC 3261 §7.3.1); what is not stays latin1. */
function readable(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1')
  const text = bytes.toString('utf8')
  return text.includes('\uFFFD') ? latin1 : text
}

/**
 * Whose an address is: of a station that used it, or of a role that listens there. A stranger is called by its host; a socket bound to every
 * address could be anyone's, so it names none.
 */
function ownersOf(events: readonly Happening[]): Owner {
  const owners = new Map<string, string>()
  for (const e of events) {
    if (e.type === 'lab.started') for (const [end, role] of listenersOf(e.roles)) owners.set(end, role)
    if (e.type === 'sip.message') owners.set(endOf(e.transport, e.local), e.station)
  }
  return (transport, address) => owners.get(endOf(transport, address)) ?? address.host
}

const endOf = (transport: string, address: Address): string => `${transport} ${formatAddress(address)}`

const listenersOf = (roles: RoleAddresses): readonly (readonly [end: string, role: string])[] =>
  Object.entries(roles).flatMap(([role, faces]) =>
    Object.entries(faces).map(([transport, address]) => [`${transport} ${address}`, role] as const),
  )

/** Telephones and strangers who began, the road, strangers who were called, and the lab itself. */
function inOrder(rows: readonly Row[], ours: ReadonlySet<string>): readonly string[] {
  const seen = new Set(rows.flatMap((r) => (r.kind === 'message' ? [r.from, r.to] : [r.station])))
  const began = (station: string): boolean => {
    const first = rows.find((r) => r.kind === 'message' && (r.from === station || r.to === station))
    return first?.kind === 'message' && first.from === station
  }
  const others = [...seen].filter((s) => !road.includes(s) && !aside.includes(s))
  const before = others.filter((s) => ours.has(s) || began(s))
  const fixed = (names: readonly string[]): readonly string[] => names.filter((s) => seen.has(s))
  return [...before, ...fixed(road), ...others.filter((s) => !before.includes(s)), ...fixed(aside)]
}
