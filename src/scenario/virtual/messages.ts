import type { Happening } from '../../lab/events.ts'
import type { Scenario } from '../load.ts'
import type { RunEvent, ScenarioResult } from '../result.ts'
import type { Plan } from '../explore/plan.ts'
import type { Broken } from '../explore/promises.ts'
import type { VirtualSet } from './play.ts'

/** What crosses between a run and its worker threads: plain data. */

export interface WorkerSetup extends VirtualSet {
  readonly scenarios: readonly Scenario[]
  /** Whether the text of each wire log is wanted. */
  readonly wireLog: boolean
}

/** One scenario to be played, by its place in the set; under a plan, a trial of what is promised. */
export interface Job {
  readonly id: number
  readonly scenario: number
  readonly seed: number
  readonly plan?: Plan
}

export interface Played {
  readonly result: ScenarioResult
  readonly events: readonly Happening[]
  readonly wire?: string
  /** Of a trial: what was broken. The events of one that broke nothing are left out. */
  readonly broken?: Broken
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'said'; readonly id: number; readonly event: RunEvent }
  | ({ readonly type: 'played'; readonly id: number } & Played)
