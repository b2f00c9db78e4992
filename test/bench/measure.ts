/** CPU time of this process, measured in turns so that what disturbs the machine disturbs all alike. */

/** One way to do `operations` operations. */
export interface Contestant {
  readonly name: string
  /** One round of them. */
  readonly run: () => unknown
}

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export interface Order {
  /** What is done, as it is printed. */
  readonly what: string
  readonly ours: Contestant
  readonly reference: Contestant
  /** In one round of either. */
  readonly operations: number
  readonly rounds?: number
  /** Rounds of either that are not counted. */
  readonly warmUp?: number
}

export interface Comparison {
  readonly what: string
  /** Names of ours and of the reference. */
  readonly names: readonly [string, string]
  /** µs of CPU an operation. */
  readonly ours: Spread
  readonly reference: Spread
  /** How many times ours goes into the reference, round by round. */
  readonly ratio: Spread
}

/** Lets both run in turn, each first every other time. */
export async function compare(order: Order): Promise<Comparison> {
  const { what, ours, reference, operations, rounds = 31, warmUp = 10 } = order
  const spent = { ours: [] as number[], reference: [] as number[] }
  for (let round = -warmUp; round < rounds; round++) {
    const turns = [async () => spent.ours.push(await cpu(ours)), async () => spent.reference.push(await cpu(reference))]
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
    if (round < 0) spent.ours.length = spent.reference.length = 0
  }
  const ratios = spent.ours.map((us, round) => (spent.reference[round] ?? NaN) / us)
  return {
    what,
    names: [ours.name, reference.name],
    ours: spread(spent.ours.map((us) => us / operations)),
    reference: spread(spent.reference.map((us) => us / operations)),
    ratio: spread(ratios),
  }
}

/** µs of CPU, of all threads: what the garbage collector does aside counts. */
async function cpu({ run }: Contestant): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
  return { min: at(0), median: at(0.5), max: at(1) }
}

const figures = ({ min, median, max }: Spread, digits: number): string =>
  [min, median, max].map((value) => value.toFixed(digits).padStart(8)).join(' ')

/** Five lines of text: µs an operation of either, and the ratio. */
export function report({ what, names, ours, reference, ratio }: Comparison): string {
  const width = Math.max(names[0].length, names[1].length, 'ratio'.length)
  const line = (name: string, spread: Spread, unit: string): string =>
    `  ${name.padEnd(width)} ${figures(spread, 2)}  ${unit}`
  return [
    what,
    `  ${''.padEnd(width)} ${['min', 'median', 'max'].map((head) => head.padStart(8)).join(' ')}`,
    line(names[0], ours, 'us'),
    line(names[1], reference, 'us'),
    line('ratio', ratio, 'times'),
  ].join('\n')
}
