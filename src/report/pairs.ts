import type { Address } from '../kernel/address.ts'
import type { Happening } from '../lab/events.ts'

export type MessageEvent = Extract<Happening, { type: 'sip.message' }>

/** Which event of a receiver shows the same message as which event of its sender. */
export interface Pairs {
  /** By seq of the message as sent. */
  readonly received: ReadonlyMap<number, MessageEvent>
  /** seq of those received whose sender was seen too. */
  readonly paired: ReadonlySet<number>
}

/** Each message received belongs to the oldest one sent that it can be: a retransmission is a message of its own. */
export function pairUp(messages: readonly MessageEvent[]): Pairs {
  const underway = new Map<string, MessageEvent[]>()
  const received = new Map<number, MessageEvent>()
  const paired = new Set<number>()
  for (const message of messages) {
    const key = [message.transport, message.callId, message.cseq, message.title].join('\n')
    const sent = underway.get(key) ?? []
    underway.set(key, sent)
    if (message.direction === 'out') {
      sent.push(message)
      continue
    }
    const at = sent.findIndex((s) => sameAddress(s.local, message.remote) && sameAddress(s.remote, message.local))
    const [source] = at < 0 ? [] : sent.splice(at, 1)
    if (source === undefined) continue
    received.set(source.seq, message)
    paired.add(message.seq)
  }
  return { received, paired }
}

/** A socket bound to every address says so in its own events, and its peers see one address of it. */
function sameAddress(one: Address, other: Address): boolean {
  const [a, b] = [plainHost(one), plainHost(other)]
  return one.port === other.port && (a === b || isWildcard(a) || isWildcard(b))
}

/** IPv4 as an IPv6 socket shows it, RFC 4291 §2.5.5.2, is that IPv4 address. */
const plainHost = ({ host }: Address): string => host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'
