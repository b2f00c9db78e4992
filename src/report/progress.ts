import type { RunEvent, ScenarioResult, Verdict } from '../scenario/result.ts'
import { printable, seconds, shorter } from './html-text.ts'
import { redactText } from '../kernel/redact.ts'
import { countsOf } from './results.ts'

/** A stream that lines are written to: a terminal or not. */
export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

export interface ProgressOptions {
  readonly stream: Screen
  /** False where the user asked for none (NO_COLOR); never on what is not a terminal. */
  readonly colour: boolean
}

/** SGR colours of ECMA-48 §8.3.117. */
const marks: Readonly<Record<Verdict, readonly [mark: string, colour: number]>> = {
  passed: ['passed', 32],
  failed: ['FAILED', 31],
  broken: ['BROKEN', 35],
  skipped: ['skipped', 33],
}

/** Shows how a run goes on: one line a scenario, and on a terminal a last line with what is under way. */
export function startProgress({ stream, colour }: ProgressOptions): (event: RunEvent) => void {
  const terminal = stream.isTTY === true
  const paint = (text: string, code: number): string => (terminal && colour ? `\u001B[${code}m${text}\u001B[0m` : text)
  const running: { readonly name: string; step: string }[] = []
  let finished = 0
  let total = 0

  const say = (line: string): void => {
    if (terminal) stream.write('\r\u001B[K')
    stream.write(line)
  }
  const status = (): void => {
    if (!terminal) return
    const now = running.map(({ name, step }) => `${shorter(name, 20)}: ${step}`).join(' | ')
    say(running.length === 0 ? '' : shorter(safe(`${finished}/${total}  ${now}`), (stream.columns ?? 80) - 1))
  }
  const report = (result: ScenarioResult): void => {
    const [mark, code] = marks[result.verdict]
    const next = result.error?.next === undefined ? '' : `        ${safe(result.error.next)}\n`
    const took = result.verdict === 'skipped' ? '' : ` (${seconds(result.durationMs)})`
    say(`${paint(mark, code)}  ${safe(result.name)}${took}: ${safe(result.summary)}\n${next}`)
  }

  return (event) => {
    switch (event.type) {
      case 'run.started':
        total = event.total
        say(`Playing ${total} scenario${total === 1 ? '' : 's'}${worldOf(event)}, each in a lab of its own\n`)
        break
      case 'scenario.started':
        running.push({ name: event.name, step: 'starting the lab' })
        break
      case 'scenario.step': {
        const one = running.find((r) => r.name === event.name)
        if (one !== undefined) one.step = event.text
        break
      }
      case 'scenario.finished': {
        const at = running.findIndex((r) => r.name === event.result.name)
        if (at >= 0) running.splice(at, 1)
        finished++
        report(event.result)
        break
      }
      case 'run.finished': {
        const { passed, failed, broken, skipped } = countsOf(event.results)
        const left = skipped === 0 ? '' : `, ${skipped} skipped`
        say(`${passed} passed, ${failed} failed, ${broken} broken${left} in ${seconds(event.durationMs)}\n`)
      }
    }
    status()
  }
}

const worldOf = ({ virtual }: Extract<RunEvent, { type: 'run.started' }>): string =>
  virtual === undefined ? '' : ` in virtual time, seed ${virtual.seed}`

const safe = (text: string): string => printable(redactText(text))
