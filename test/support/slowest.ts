import Mocha, { type MochaOptions, type Runner, type Test } from 'mocha'

const shown = 10
const { EVENT_RUN_END, EVENT_TEST_PASS, EVENT_TEST_FAIL } = Mocha.Runner.constants

/** Reports as mocha does, or as `--reporter-option base=dot` says, and lists the slowest tests at the end of every run. */
export default class Slowest extends Mocha.reporters.Base {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options)
    const { base = 'spec' } = (options.reporterOptions ?? {}) as { base?: string }
    const Reporter = Mocha.reporters[base as keyof typeof Mocha.reporters]
    new Reporter(runner, options)
    const timed: { readonly ms: number; readonly title: string }[] = []
    const take = (test: Test): void => void timed.push({ ms: test.duration ?? 0, title: test.fullTitle() })
    runner.on(EVENT_TEST_PASS, take).on(EVENT_TEST_FAIL, take)
    runner.once(EVENT_RUN_END, () => {
      const slowest = timed.sort((a, b) => b.ms - a.ms).slice(0, shown)
      const lines = slowest.map(({ ms, title }) => `${String(ms).padStart(7)} ms  ${title}\n`)
      process.stdout.write(`  The slowest of ${timed.length} tests:\n\n${lines.join('')}\n`)
    })
  }
}
