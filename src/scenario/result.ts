/** What came of a scenario: plain data for reporters. */

/** `skipped`: it was not played, because what it needs is not there. */
export type Verdict = 'passed' | 'failed' | 'broken' | 'skipped'

export interface StepResult {
  /** The step as the file has it, in one line. */
  readonly text: string
  /** 1-based line in the file. */
  readonly line: number
  readonly verdict: Exclude<Verdict, 'skipped'> | 'not-run'
  /** One line of what was found, also for a step that passed: `heard greeting-standard-1001 (0.97)`. */
  readonly observed?: string
  readonly expected?: string
  /** The station at fault, for a failed step. */
  readonly station?: string
  /** seq of the events that show it. */
  readonly evidence?: readonly number[]
}

/** What a scenario's one call sounded like and which SIP calls belong to it. */
export interface CallResult {
  readonly callId: string
  readonly from: string
  readonly to: string
  /** A G.711 WAV of all that was heard, from answer to end; absent when the call was refused. */
  readonly heard?: Uint8Array
  /** What was heard, in order. */
  readonly transcript: readonly {
    readonly name: string
    readonly fromMs: number
    readonly toMs: number
    readonly confidence: number
  }[]
}

export interface MailResult {
  readonly mailbox: string
  readonly message: Uint8Array
  readonly subject: string
  readonly text: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The recording in it: WAV bytes. */
  readonly recording?: Uint8Array
}

export interface ScenarioResult {
  readonly name: string
  readonly file: string
  readonly verdict: Verdict
  /** One line for a person: what was heard, what arrived, what went wrong where, or why it was not played. */
  readonly summary: string
  readonly durationMs: number
  /** Wall ms of the start. */
  readonly startedAt: number
  readonly steps: readonly StepResult[]
  readonly calls: readonly CallResult[]
  readonly mails: readonly MailResult[]
  /** The error that kept it from running, for `broken`. */
  readonly error?: { readonly code: string; readonly message: string; readonly next?: string }
}

/** What a run says while it goes on; reporters consume these and the lab's events. */
export type RunEvent =
  | {
      readonly type: 'run.started'
      readonly total: number
      /** Where it is played in virtual time: all chance is drawn from the seed. */
      readonly virtual?: { readonly seed: number }
    }
  | { readonly type: 'scenario.started'; readonly name: string; readonly file: string }
  | {
      readonly type: 'scenario.step'
      readonly name: string
      readonly index: number
      readonly of: number
      readonly text: string
    }
  | { readonly type: 'scenario.finished'; readonly result: ScenarioResult }
  | { readonly type: 'run.finished'; readonly results: readonly ScenarioResult[]; readonly durationMs: number }
