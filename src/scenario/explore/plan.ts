import { below, fraction, seededRandom, type Random } from '../../kernel/random.ts'
import type { RoleName, SmtpFault } from '../../lab/face.ts'
import type { LabFile } from '../../lab/schema.ts'
import type { LinkRule } from '../../net/memory/link.ts'

/** One thing that goes wrong in a virtual play: plain data. */
export type Fault =
  | { readonly kind: 'link'; readonly rule: LinkRule }
  /** Each step of a disk takes up to so many ms. */
  | { readonly kind: 'disk'; readonly mostMs: number }
  | ({ readonly kind: 'smtp' } & SmtpFault)
  | {
      readonly kind: 'kill'
      readonly role: RoleName
      /** At the moment of the so-many-th event after the lab stands, whoever says it. */
      readonly atEvent: number
      /** The disks forget what was not synced. */
      readonly power: boolean
      /** ms until it is started again. */
      readonly downMs: number
    }

/** All that goes wrong in one play, drawn from its seed. */
export interface Plan {
  readonly seed: number
  readonly faults: readonly Fault[]
  /** Nothing in it that any call may notice: the scenario must pass. */
  readonly harmless: boolean
}

/** Half of the plans are harmless. */
export function planOf(seed: number, file: LabFile): Plan {
  const random = seededRandom(`plan ${seed}`)
  const harmless = below(random, 2) === 0
  const links = linksOf(file)
  const count = 1 + below(random, harmless ? 2 : 3)
  const faults = Array.from({ length: count }, (): Fault => {
    if (harmless) return { kind: 'link', rule: { ...pick(random, links), ...mild(random) } }
    const draw = below(random, 10)
    if (draw < 2) return { kind: 'link', rule: { ...pick(random, links), ...rough(random) } }
    if (draw < 4) return { kind: 'disk', mostMs: 1 + below(random, 100) }
    return draw < 6 ? smtpFault(random) : kill(random)
  })
  return { seed, faults, harmless }
}

/** Every way that two stations talk, both directions apart. */
function linksOf(file: LabFile): readonly { readonly from: string; readonly to: string }[] {
  const { pbx, sbc, voicemail, exchange } = file
  const pairs = [
    [pbx.bind, pbx.bind],
    [pbx.bind, sbc.inside.bind],
    [sbc.outside.bind, voicemail.bind],
    [voicemail.bind, exchange.bind],
  ] as const
  return pairs.flatMap(([from, to]) => [
    { from, to },
    { from: to, to: from },
  ])
}

/** Within what a jitter buffer and RFC 3261's timers take without a trace. */
function mild(random: Random): Partial<LinkRule> {
  return {
    delayMs: 1 + below(random, 40),
    jitterMs: below(random, 35),
    duplicate: share(random, 0.02),
    reorder: share(random, 0.02),
  }
}

function rough(random: Random): Partial<LinkRule> {
  return {
    delayMs: 1 + below(random, 300),
    jitterMs: below(random, 200),
    loss: share(random, 0.3),
    duplicate: share(random, 0.1),
    reorder: share(random, 0.1),
    reorderMs: 20 + below(random, 300),
  }
}

function smtpFault(random: Random): Fault {
  const at = pick(random, ['sender', 'recipient', 'message'] as const)
  const reply = pick(random, [
    '451 4.3.2 try later',
    '452 4.2.2 mailbox full',
    '550 5.1.1 no such user',
    '421 4.3.0 closing',
  ])
  return { kind: 'smtp', at, reply, times: 1 + below(random, 3) }
}

function kill(random: Random): Fault {
  return {
    kind: 'kill',
    role: pick(random, ['voicemail', 'voicemail', 'exchange', 'sbc', 'pbx'] as const),
    atEvent: below(random, 120),
    power: below(random, 2) === 0,
    downMs: 100 + below(random, 10_000),
  }
}

const share = (random: Random, most: number): number => Math.round(fraction(random) * most * 1000) / 1000

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[below(random, from.length)]
  if (found === undefined) throw new RangeError('nothing to pick from')
  return found
}

/** A fault in one line. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'link': {
      const { from, to, ...how } = fault.rule
      const parts = Object.entries(how).map(([name, value]) => `${name} ${String(value)}`)
      return `from ${from} to ${to}: ${parts.join(', ')}`
    }
    case 'disk':
      return `each step of a disk takes up to ${fault.mostMs} ms`
    case 'smtp':
      return `the receive connector answers ${fault.reply} at ${fault.at}, ${fault.times} times`
    case 'kill':
      return `${fault.role} is killed at event ${fault.atEvent}${fault.power ? ' with its power lost' : ''}, started again ${fault.downMs} ms later`
  }
}
