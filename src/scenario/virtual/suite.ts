import type { Bus } from '../../kernel/bus.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Sounds } from '../../lab/audio.ts'
import type { Happening, LabEvent } from '../../lab/events.ts'
import type { LabFile } from '../../lab/schema.ts'
import { certificatesBeforehand } from '../../lab/virtual/certificates.ts'
import type { Scenario } from '../load.ts'
import { brokenResult } from '../play.ts'
import type { RunEvent, ScenarioResult } from '../result.ts'
import type { Played } from './messages.ts'
import { epoch, startOf, type VirtualSet } from './play.ts'
import { Threads } from './threads.ts'

export interface VirtualSuite {
  readonly file: LabFile
  readonly sounds: Sounds
  readonly seed: number
  /** Threads that play at a time. */
  readonly jobs: number
  /** Real time, for how long it took. */
  readonly clock: Clock
  readonly emit: (event: RunEvent) => void
  readonly stop?: AbortSignal
  /** Shows the events of each scenario's lab, once it is over. */
  readonly watch?: (file: string, bus: Pick<Bus<LabEvent>, 'subscribe'>) => void
  /** Takes the log of every datagram and every plaintext write, a line each. */
  readonly wire?: (file: string, log: string) => void
}

/** What every virtual play of these scenarios shares; the same for the same lab. */
export async function virtualSet(file: LabFile, sounds: Sounds, scenarios: readonly Scenario[]): Promise<VirtualSet> {
  const starts = new Set(scenarios.map(startOf))
  return { file, sounds, certificates: await certificatesBeforehand(file, [...starts]) }
}

/** Plays scenarios in virtual time, each in a world of its own, in worker threads; results stand in the order given. */
export async function playVirtualSuite(
  scenarios: readonly Scenario[],
  suite: VirtualSuite,
): Promise<readonly ScenarioResult[]> {
  const { clock, emit, seed, stop } = suite
  const started = clock.now()
  emit({ type: 'run.started', total: scenarios.length, virtual: { seed } })
  const set = await virtualSet(suite.file, suite.sounds, scenarios)
  const threads = new Threads({ ...set, scenarios, wireLog: suite.wire !== undefined }, suite.jobs)
  const leave = (): void => void threads.close()
  stop?.addEventListener('abort', leave)
  if (stop?.aborted === true) leave()
  const one = async (scenario: Scenario, place: number): Promise<ScenarioResult> => {
    const result = await threads.play({ scenario: place, seed }, emit).then(
      (played) => take(suite, scenario, played),
      (thrown: unknown) => brokenResult(scenario, thrown, epoch, 0),
    )
    emit({ type: 'scenario.finished', result })
    return result
  }
  try {
    const results = await Promise.all(scenarios.map(one))
    emit({ type: 'run.finished', results, durationMs: clock.now() - started })
    return results
  } finally {
    stop?.removeEventListener('abort', leave)
    await threads.close()
  }
}

function take({ watch, wire }: VirtualSuite, { path }: Scenario, played: Played): ScenarioResult {
  watch?.(path, replay(played.events))
  if (played.wire !== undefined) wire?.(path, played.wire)
  return played.result
}

/** Events that have been, as a bus shows them: all at once to who subscribes. */
const replay = (events: readonly Happening[]): Pick<Bus<LabEvent>, 'subscribe'> => ({
  subscribe(listener) {
    for (const event of events) listener(event)
    return () => undefined
  },
})
