import { messageOf } from '../../kernel/errors.ts'
import type { Scenario } from '../load.ts'
import type { Happening } from '../../lab/events.ts'
import type { LabFile } from '../../lab/schema.ts'
import { planOf, type Plan } from './plan.ts'
import type { Broken } from './promises.ts'
import { shrink } from './shrink.ts'

/** What one play under a plan came to. */
export interface Tried {
  readonly broken?: Broken
  readonly events: readonly Happening[]
  readonly wire?: string
}

export interface ExploreOrder {
  readonly scenarios: readonly Scenario[]
  readonly file: LabFile
  /** Seeds from the first on, each one run. */
  readonly firstSeed: number
  readonly runs: number
  /** Tried as it is, in place of what the seed draws. */
  readonly plan?: Plan
  /** So many findings, and the search is over: more would only repeat them. 5 when left out. */
  readonly enough?: number
  /** How many are played at a time. */
  readonly jobs: number
  /** One that rejects has ended its process, which is a broken promise too. */
  readonly play: (scenario: number, plan: Plan) => Promise<Tried>
  readonly progress?: (done: number, found: number) => void
  /** Ends the search where it is. */
  readonly stop?: AbortSignal
}

/** A seed under which a promise was broken, with the least that breaks it. */
export interface Finding {
  readonly scenario: string
  readonly seed: number
  readonly broken: Broken
  readonly plan: Plan
  readonly smallest: Plan
  /** Of the smallest. */
  readonly events: readonly Happening[]
  readonly wire: string
}

/** Searches seeds for a broken promise and shrinks what it finds. One seed is always of the same scenario and plan. */
export async function explore(
  order: ExploreOrder,
): Promise<{ readonly done: number; readonly found: readonly Finding[] }> {
  const { scenarios, file, firstSeed, runs, jobs, progress, stop, enough = 5 } = order
  const found: Finding[] = []
  let next = 0
  let done = 0
  const search = async (): Promise<void> => {
    while (next < runs && found.length < enough && stop?.aborted !== true) {
      const seed = firstSeed + next++
      const place = seed % scenarios.length
      const plan = order.plan ?? planOf(seed, file)
      const { broken } = await tried(order, place, plan)
      if (broken !== undefined) found.push(await smallestOf(order, place, plan, broken))
      done++
      progress?.(done, found.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, runs) }, search))
  return { done, found: found.toSorted((a, b) => a.seed - b.seed) }
}

const tried = ({ play }: ExploreOrder, place: number, plan: Plan): Promise<Tried> =>
  play(place, plan).catch((thrown: unknown) => ({
    broken: { promise: 'the process lives on', text: messageOf(thrown) },
    events: [],
  }))

async function smallestOf(order: ExploreOrder, place: number, plan: Plan, broken: Broken): Promise<Finding> {
  const { scenarios, stop } = order
  const breaks = async (candidate: Plan): Promise<boolean> =>
    stop?.aborted !== true && (await tried(order, place, candidate)).broken?.promise === broken.promise
  const smallest = await shrink(plan, breaks)
  const { broken: last = broken, events, wire = '' } = await tried(order, place, smallest)
  return { scenario: scenarios[place]?.path ?? '', seed: plan.seed, broken: last, plan, smallest, events, wire }
}
