import type { ScenarioResult, Verdict } from '../scenario/result.ts'
import { filesOf } from './files.ts'

/** How many results have each verdict. */
export function countsOf(results: readonly ScenarioResult[]): Readonly<Record<Verdict, number>> {
  const count = (verdict: Verdict): number => results.filter((r) => r.verdict === verdict).length
  return { passed: count('passed'), failed: count('failed'), broken: count('broken'), skipped: count('skipped') }
}

/** `results.json`: the whole run as data, its files by name. The `version` grows when a reader must change. Durations in ms. */
export function resultsJson(results: readonly ScenarioResult[], durationMs: number): string {
  const run = { version: 1, durationMs: Math.round(durationMs), ...countsOf(results), scenarios: results.map(scenario) }
  return `${JSON.stringify(run, null, 2)}\n`
}

function scenario(result: ScenarioResult, index: number): object {
  const { name, file, verdict, summary, durationMs, startedAt, steps, calls, mails, error } = result
  const files = filesOf(result, index)
  return {
    name,
    file,
    verdict,
    summary,
    durationMs: Math.round(durationMs),
    startedAt: new Date(startedAt).toISOString(),
    error,
    steps,
    calls: calls.map((call, i) => ({ ...call, heard: files.heard[i] })),
    mails: mails.map(({ mailbox, subject, text, headers }, i) => ({
      mailbox,
      subject,
      text,
      headers: headers.map(([field, value]) => ({ name: field, value })),
      ...files.mails[i],
    })),
    files: { messages: files.messages, events: files.events },
  }
}
