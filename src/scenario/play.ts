import type { Bus } from '../kernel/bus.ts'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Certificates } from '../lab/certificates.ts'
import type { Sounds } from '../lab/audio.ts'
import type { Happening, LabEvent } from '../lab/events.ts'
import type { Lab } from '../lab/face.ts'
import { startLab } from '../lab/lab.ts'
import type { LabFile } from '../lab/schema.ts'
import type { World } from '../lab/world.ts'
import { Performance } from './performance.ts'
import { applyGiven, givenFile, givenSounds } from './given.ts'
import type { Scenario } from './load.ts'
import type { RunEvent, ScenarioResult, StepResult } from './result.ts'
import { summarise } from './summary.ts'
import { stepText } from './step-text.ts'
import { virtualOnly } from './virtual-only.ts'
import { Watch } from './watch.ts'

/** What every scenario of a run shares. */
export interface Stage {
  readonly file: LabFile
  readonly sounds: Sounds
  readonly world: World
  /** Its world is simulated, with a clock of its own: days pass in seconds, roles can be killed. */
  readonly virtual?: true
  readonly certificates: Certificates
  /** A new, empty folder for one lab's data; removed by its second half. */
  readonly folder: () => Promise<{ readonly path: string; readonly remove: () => Promise<void> }>
  readonly emit: (event: RunEvent) => void
  /** Called when the lab stands, before the first step. */
  readonly began?: (lab: Lab) => void
  /** Called when the last step is over, before the lab is closed. */
  readonly over?: (lab: Lab) => Promise<void>
  /** Ends the run when it is aborted: labs are closed, and what was not over is broken. */
  readonly stop?: AbortSignal
  /** Sees the events of each scenario's lab. */
  readonly watch?: (file: string, bus: Pick<Bus<LabEvent>, 'subscribe'>) => void
}

/** Plays one scenario in a lab of its own, or skips it where it cannot be played. Never rejects: whatever breaks is a verdict. */
export async function playScenario(scenario: Scenario, stage: Stage): Promise<ScenarioResult> {
  const { world } = stage
  const startedAt = world.clock.wall()
  const started = world.clock.now()
  stage.emit({ type: 'scenario.started', name: scenario.file.scenario, file: scenario.path })
  const why = stage.virtual === true ? undefined : virtualOnly(scenario)
  const outcome =
    why === undefined
      ? await perform(scenario, stage).catch((thrown: unknown) => broken(scenario, thrown))
      : skipped(scenario, why)
  const result = resultOf(scenario, outcome, startedAt, world.clock.now() - started)
  stage.emit({ type: 'scenario.finished', result })
  return result
}

/** The result of a scenario that broke outside of its lab. @param startedAt wall ms */
export function brokenResult(
  scenario: Scenario,
  thrown: unknown,
  startedAt: number,
  durationMs: number,
): ScenarioResult {
  return resultOf(scenario, broken(scenario, thrown), startedAt, durationMs)
}

function resultOf(scenario: Scenario, outcome: Outcome, startedAt: number, durationMs: number): ScenarioResult {
  return { name: scenario.file.scenario, file: scenario.path, startedAt, durationMs, ...outcome }
}

type Outcome = Omit<ScenarioResult, 'name' | 'file' | 'startedAt' | 'durationMs'>

async function perform(scenario: Scenario, stage: Stage): Promise<Outcome> {
  const { given } = scenario.file
  const folder = await stage.folder()
  const watch = new Watch(stage.world.clock)
  let lab: Lab | undefined
  try {
    refuseStopped(stage.stop)
    lab = await startLab({
      file: givenFile(stage.file, given),
      sounds: givenSounds(stage.sounds, given),
      world: stage.world,
      certificates: stage.certificates,
      data: folder.path,
      watch: (bus) => {
        watch.follow(bus)
        stage.watch?.(scenario.path, bus)
      },
    })
    refuseStopped(stage.stop)
    applyGiven(lab, given)
    stage.began?.(lab)
    const performance = new Performance(scenario, lab, watch, (index, text) => {
      const of = scenario.file.steps.length
      stage.emit({ type: 'scenario.step', name: scenario.file.scenario, index, of, text })
    })
    const { steps, calls, mails } = await unlessStopped(performance.run(), stage.stop)
    await stage.over?.(lab)
    const fault = watch.events.find((e: Happening) => e.type === 'lab.broken')
    if (fault?.type === 'lab.broken') throw new PosternError('lab-broken', fault.text)
    const verdict = steps.every((s) => s.verdict === 'passed') ? 'passed' : 'failed'
    return { verdict, steps, calls, mails, summary: summarise(steps, latest(watch.events)) }
  } finally {
    await lab?.close()
    await folder.remove()
  }
}

function refuseStopped(stop: AbortSignal | undefined): void {
  if (stop?.aborted === true) throw interrupted('it began')
}

/** What goes on when stopped ends by itself: its lab is closed. */
async function unlessStopped<T>(task: Promise<T>, stop: AbortSignal | undefined): Promise<T> {
  if (stop === undefined) return task
  let leave = (): void => undefined
  const stopped = new Promise<never>((_, reject) => {
    leave = () => reject(interrupted('it was over'))
    stop.addEventListener('abort', leave)
  })
  try {
    return await Promise.race([task, stopped])
  } finally {
    stop.removeEventListener('abort', leave)
  }
}

const interrupted = (before: string): PosternError =>
  new PosternError('interrupted', `interrupted before ${before}`, { next: 'Run it again to have its verdict.' })

const latest = (events: readonly Happening[]): number =>
  Math.max(0, ...events.map((e) => (e.type === 'media.late' ? e.ms : 0)))

function broken(scenario: Scenario, thrown: unknown): Outcome {
  const error =
    thrown instanceof PosternError ? thrown : new PosternError('lab-broken', messageOf(thrown), { cause: thrown })
  const next = error.next === undefined ? {} : { next: error.next }
  const told = { code: error.code, message: error.message, ...next }
  return { verdict: 'broken', ...unplayed(scenario), summary: error.message, error: told }
}

const skipped = (scenario: Scenario, why: string): Outcome => {
  return { verdict: 'skipped', ...unplayed(scenario), summary: `${why}; play it with --virtual` }
}

function unplayed({ file, lines }: Scenario): Pick<Outcome, 'steps' | 'calls' | 'mails'> {
  const steps = file.steps.map((step, i): StepResult => {
    return { text: stepText(step), line: lines[i] ?? 0, verdict: 'not-run' }
  })
  return { steps, calls: [], mails: [] }
}
