import type { ScenarioResult, StepResult } from '../scenario/result.ts'
import { escaped } from './html-text.ts'
import { countsOf } from './results.ts'

/** One test suite, a test case a scenario; a failure names its station, expected and observed. JUnit XML as Jenkins and GitLab read it. */
export function junitXml(results: readonly ScenarioResult[], durationMs: number): string {
  const { failed, broken, skipped } = countsOf(results)
  const totals = attributes({
    tests: results.length,
    failures: failed,
    errors: broken,
    skipped,
    time: inSeconds(durationMs),
  })
  const first = results[0]
  const started =
    first === undefined ? '' : attributes({ timestamp: new Date(first.startedAt).toISOString().slice(0, 19) })
  const cases = results.map(testCase).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="postern"${totals}>
<testsuite name="postern"${totals}${started}>
${cases}</testsuite>
</testsuites>
`
}

function testCase(result: ScenarioResult): string {
  const { name, file, durationMs, steps } = result
  const about = attributes({ name, classname: className(file), file, time: inSeconds(durationMs) })
  const out = `<system-out>${escaped(steps.map(stepLine).join('\n'))}</system-out>`
  return `<testcase${about}>\n${outcome(result)}${out}\n</testcase>\n`
}

/** Jenkins takes what stands before the last dot for a package: `scenarios/01-no-answer.yaml` is scenarios.01-no-answer. */
function className(file: string): string {
  const parts = file.replace(/\.[^./\\]+$/, '').split(/[/\\]+/)
  return parts
    .filter((part) => !/^\.*$/.test(part))
    .slice(-2)
    .map((part) => part.replaceAll('.', '_'))
    .join('.')
}

function outcome(result: ScenarioResult): string {
  const { verdict, summary: message, error } = result
  if (verdict === 'passed') return ''
  if (verdict === 'skipped') return `<skipped${attributes({ message })}/>\n`
  if (verdict === 'broken') {
    const told = [error?.message, error?.next].filter(Boolean).join('\n')
    return `<error${attributes({ message, type: error?.code ?? 'broken' })}>${escaped(told)}</error>\n`
  }
  const failed = result.steps.filter((s) => s.verdict === 'failed')
  const stations = [...new Set(failed.flatMap((s) => s.station ?? []))].join(', ') || 'unknown'
  return `<failure${attributes({ message, type: stations })}>${escaped(failed.map(stepLine).join('\n'))}</failure>\n`
}

function stepLine(step: StepResult): string {
  const parts = [`${step.verdict.padEnd(7)} line ${step.line}: ${step.text}`]
  if (step.station !== undefined) parts.push(`at fault: ${step.station}`)
  if (step.expected !== undefined) parts.push(`expected: ${step.expected}`)
  if (step.observed !== undefined) parts.push(`observed: ${step.observed}`)
  return parts.join('\n    ')
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('')

const inSeconds = (ms: number): string => (ms / 1000).toFixed(3)
