import type { Scenario } from './load.ts'
import { playScenario, type Stage } from './play.ts'
import type { ScenarioResult, Verdict } from './result.ts'

/** Plays scenarios side by side, `jobs` at a time, each in a lab of its own; results stand in the order given. */
export async function playSuite(
  scenarios: readonly Scenario[],
  stage: Stage,
  jobs: number,
): Promise<readonly ScenarioResult[]> {
  const started = stage.world.clock.now()
  stage.emit({ type: 'run.started', total: scenarios.length })
  const results: ScenarioResult[] = []
  const waiting = [...scenarios.entries()]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results[next[0]] = await playScenario(next[1], stage)
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, scenarios.length) }, worker))
  stage.emit({ type: 'run.finished', results, durationMs: stage.world.clock.now() - started })
  return results
}

/** The verdict of a whole run: broken before failed before passed; what was skipped counts for none. */
export function overall(results: readonly ScenarioResult[]): Exclude<Verdict, 'skipped'> {
  const verdicts = results.map((r) => r.verdict)
  if (verdicts.includes('broken')) return 'broken'
  return verdicts.includes('failed') ? 'failed' : 'passed'
}
