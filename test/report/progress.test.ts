import { expect } from 'chai'
import { startProgress } from '../../src/report/progress.ts'
import type { RunEvent, ScenarioResult } from '../../src/scenario/result.ts'
import { broken, failed, hostile, passed, skipped } from '../support/report-fixture.ts'

function shown(screen: { isTTY?: boolean; columns?: number }, colour: boolean, events: readonly RunEvent[]): string[] {
  const parts: string[] = []
  const progress = startProgress({ stream: { ...screen, write: (text) => parts.push(text) }, colour })
  events.forEach(progress)
  return parts
}

const played = (...results: ScenarioResult[]): RunEvent[] => [
  { type: 'run.started', total: results.length },
  ...results.flatMap((result): RunEvent[] => [
    { type: 'scenario.started', name: result.name, file: result.file },
    { type: 'scenario.step', name: result.name, index: 0, of: 1, text: 'call: +4533120100 to 1001' },
    { type: 'scenario.finished', result },
  ]),
  { type: 'run.finished', results, durationMs: 10_066 },
]

/** What stands on a terminal in the end: a carriage return with erase-in-line takes back the line under way. */
const screenOf = (parts: readonly string[]): string =>
  parts
    .join('')
    .split('\n')
    .map((line) => line.split('\r\u001B[K').at(-1))
    .join('\n')

describe('progress on a pipe', () => {
  it('is one line a scenario, what to do about a broken one below it, and the totals', () => {
    expect(shown({}, true, played(passed, failed, broken)).join('')).to.equal(
      `Playing 3 scenarios, each in a lab of its own
passed  ${passed.name} (9.6 s): ${passed.summary}
FAILED  ${failed.name} (0.4 s): ${failed.summary}
BROKEN  ${broken.name} (0.0 s): ${broken.summary}
        Choose another port in the lab file.
1 passed, 1 failed, 1 broken in 10.1 s
`,
    )
  })

  it('says what was skipped and why, and counts it only when there is any', () => {
    expect(shown({}, true, played(passed, skipped)).join('')).to.equal(
      `Playing 2 scenarios, each in a lab of its own
passed  ${passed.name} (9.6 s): ${passed.summary}
skipped  ${skipped.name}: it sets the date; play it with --virtual
1 passed, 0 failed, 0 broken, 1 skipped in 10.1 s
`,
    )
  })

  it('says when it is in virtual time, and the seed that plays it again', () => {
    expect(shown({}, true, [{ type: 'run.started', total: 8, virtual: { seed: 1 } }]).join('')).to.equal(
      'Playing 8 scenarios in virtual time, seed 1, each in a lab of its own\n',
    )
  })

  it('has no escape sequence and no line end of a scenario’s own making', () => {
    const text = shown({}, true, played(hostile)).join('')
    expect(text).not.to.match(/[^\P{Cc}\n]/u)
    expect(text.split('\n')).to.have.length(4)
  })
})

describe('progress on a terminal', () => {
  const terminal = { isTTY: true, columns: 40 }

  it('shows what is under way in a last line that fits, and takes it back', () => {
    const parts = shown(terminal, false, played(passed).slice(0, 3))
    expect(parts.at(-1))
      .to.have.length(39)
      .and.match(/^0\/1 {2}Out of office, but …: call: \+453/)
    expect(screenOf(shown(terminal, false, played(passed)))).to.equal(shown({}, false, played(passed)).join(''))
  })

  it('keeps one of two scenarios of one name when the other has finished', () => {
    const [begin, started, step, finished] = played(passed)
    const parts = shown({ isTTY: true }, false, [begin!, started!, started!, step!, finished!])
    expect(parts.at(-1)).to.match(/^1\/1 {2}Out of office, but …: starting the lab$/)
  })

  it('paints the verdict, unless asked not to', () => {
    const painted = shown(terminal, true, played(passed, failed)).join('')
    expect(painted).to.contain('\u001B[32mpassed\u001B[0m').and.contain('\u001B[31mFAILED\u001B[0m')
    expect(shown(terminal, false, played(passed)).join('')).not.to.contain('\u001B[3')
  })

  it('lets no escape sequence of a name through', () => {
    const text = shown(terminal, false, played(hostile)).join('')
    expect(text.replaceAll('\r\u001B[K', '')).not.to.match(/[^\P{Cc}\n]/u)
  })
})
