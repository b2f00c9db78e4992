import type { StepResult } from './result.ts'

/**
 * One line for a person: the first failure with its station, or what was heard and what arrived.
 * A failure on a machine that fell behind says so, `lateMs` being the longest that media stood still.
 */
export function summarise(steps: readonly StepResult[], lateMs = 0): string {
  const failed = steps.find((s) => s.verdict === 'failed')
  if (failed === undefined) {
    return steps.flatMap((s) => (s.observed === undefined ? [] : [s.observed])).join('; ') || 'nothing to tell'
  }
  const where = failed.station === undefined ? '' : `${failed.station}: `
  const wanted = failed.expected === undefined ? failed.text : `expected ${failed.expected}`
  const late =
    lateMs === 0 ? '' : `; this machine fell behind by up to ${lateMs} ms: it may be at fault, try fewer --jobs`
  return `${where}${wanted}, ${failed.observed ?? 'it did not happen'} (line ${failed.line})${late}`
}
