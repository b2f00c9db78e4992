import type { StepResult } from './result.ts'

/** One line for a person: the first failure with its station, or what was heard and what arrived. */
export function summarise(steps: readonly StepResult[]): string {
  const failed = steps.find((s) => s.verdict === 'failed')
  if (failed === undefined) {
    return steps.flatMap((s) => (s.observed === undefined ? [] : [s.observed])).join('; ') || 'nothing to tell'
  }
  const where = failed.station === undefined ? '' : `${failed.station}: `
  const wanted = failed.expected === undefined ? failed.text : `expected ${failed.expected}`
  return `${where}${wanted}, ${failed.observed ?? 'it did not happen'} (line ${failed.line})`
}
