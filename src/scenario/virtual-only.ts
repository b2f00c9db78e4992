import type { Scenario } from './load.ts'

/** What real time and real sockets carry: ms. */
const longest = 600_000

/** Why a scenario can be played in virtual time alone, in a few words; `undefined` when it can be played on real sockets too. */
export function virtualOnly({ file }: Pick<Scenario, 'file'>): string | undefined {
  if (file.takes > longest) return 'it takes more than 10 min'
  if (file.given.date !== undefined) return 'it sets the date'
  if (file.steps.some((s) => s.verb === 'until')) return 'it waits for a date'
  return file.steps.some((s) => s.verb === 'kill') ? 'it kills a role' : undefined
}
