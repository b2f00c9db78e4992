import type { Happening } from '../../lab/events.ts'
import type { Scenario } from '../load.ts'
import type { RunEvent, ScenarioResult } from '../result.ts'
import type { VirtualOrder, VirtualSet } from './play.ts'

/** What crosses between a run and its worker threads: plain data. */

export interface WorkerSetup extends VirtualSet {
  readonly scenarios: readonly Scenario[]
  /** Whether the text of each wire log is wanted. */
  readonly wireLog: boolean
}

/** One scenario to be played, by its place in the set. */
export interface Job extends VirtualOrder {
  readonly id: number
  readonly scenario: number
}

export interface Played {
  readonly result: ScenarioResult
  readonly events: readonly Happening[]
  readonly wire?: string
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'said'; readonly id: number; readonly event: RunEvent }
  | ({ readonly type: 'played'; readonly id: number } & Played)
