import { fraction, type Random } from '../../kernel/random.ts'

/** How a network treats what it carries from one host to others. Shares are from 0 to 1; all of them draw from one seeded source. */
export interface LinkFaults {
  /** ms, one way. */
  readonly delayMs?: number
  /** ms that are added at most, evenly drawn. Datagrams may overtake one another; the bytes of a stream keep their order. */
  readonly jitterMs?: number
  /** Share of datagrams that never arrive. */
  readonly loss?: number
  /** Share of datagrams that arrive twice. */
  readonly duplicate?: number
  /** Share of datagrams that are held back by `reorderMs`, so that later ones overtake them. */
  readonly reorder?: number
  readonly reorderMs?: number
}

/** Hosts by IP address, or their beginning, as in `127.0.20.`; `*` is any. The first rule that fits counts. */
export interface LinkRule extends LinkFaults {
  readonly from: string
  readonly to: string
}

/** ms, one way, on a path that no rule names. */
export const wireDelayMs = 1

const straight: readonly number[] = [wireDelayMs]

/** What becomes of each thing that is sent. */
export interface Link {
  /** ms until each copy of a datagram arrives: none when it is lost. */
  datagram(from: string, to: string): readonly number[]
  /** ms until bytes of a stream arrive. */
  stream(from: string, to: string): number
}

export function createLink(random: Random, rules: readonly LinkRule[] = []): Link {
  const known = new Map<string, LinkRule | undefined>()
  const ruleOf = (from: string, to: string): LinkRule | undefined => {
    const path = `${from}>${to}`
    if (!known.has(path))
      known.set(
        path,
        rules.find((rule) => fits(rule.from, from) && fits(rule.to, to)),
      )
    return known.get(path)
  }
  const happens = (share = 0): boolean => share > 0 && fraction(random) < share
  const delay = ({ delayMs = wireDelayMs, jitterMs = 0 }: LinkFaults): number =>
    jitterMs === 0 ? delayMs : delayMs + fraction(random) * jitterMs
  const held = ({ reorder, reorderMs = 30 }: LinkFaults): number => (happens(reorder) ? reorderMs : 0)
  return {
    datagram(from, to) {
      const rule = rules.length === 0 ? undefined : ruleOf(from, to)
      if (rule === undefined) return straight
      if (happens(rule.loss)) return []
      const first = delay(rule) + held(rule)
      return happens(rule.duplicate) ? [first, delay(rule) + held(rule)] : [first]
    },
    stream(from, to) {
      const rule = rules.length === 0 ? undefined : ruleOf(from, to)
      return rule === undefined ? wireDelayMs : delay(rule)
    },
  }
}

const fits = (pattern: string, host: string): boolean =>
  pattern === '*' || (pattern.endsWith('.') ? host.startsWith(pattern) : host === pattern)
