import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import type { CommandModule } from 'yargs'
import { PosternError } from '../kernel/errors.ts'
import { createCertificates } from '../lab/certificates.ts'
import { loadLab } from '../lab/load.ts'
import { realWorld } from '../lab/world.ts'
import { startLog } from '../report/log.ts'
import { startProgress } from '../report/progress.ts'
import { Report } from '../report/report.ts'
import { findScenarios, loadScenario, type Scenario } from '../scenario/load.ts'
import type { RunEvent } from '../scenario/result.ts'
import { overall, playSuite } from '../scenario/suite.ts'
import type { GlobalArguments } from './arguments.ts'
import type { ExitCode } from './main.ts'
import { embeddedLab, shippedScenarios } from './package.ts'

interface RunArguments extends GlobalArguments {
  paths: string[] | undefined
  lab: string
  report: string | undefined
  json: boolean
  only: string | undefined
  jobs: number
}

/** `postern run`: plays scenarios, each in a lab of its own, and writes a report. */
export const runCommand = (done: (code: ExitCode) => void): CommandModule<GlobalArguments, RunArguments> => ({
  command: 'run [paths..]',
  describe: 'Play scenario files, or all in a folder, and report what was heard and what arrived',
  builder: (args) =>
    args
      .positional('paths', {
        type: 'string',
        array: true,
        describe: 'Scenario files or folders; the shipped scenarios/ when left out',
      })
      .option('lab', {
        type: 'string',
        default: embeddedLab,
        defaultDescription: 'labs/embedded.yaml',
        describe: 'Lab file',
      })
      .option('report', { type: 'string', describe: 'Folder for the report; reports/<time> when left out' })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print results.json on stdout, and nothing else there',
      })
      .option('only', { type: 'string', describe: 'Play only scenarios whose name or file holds this text' })
      .option('jobs', {
        type: 'number',
        default: Math.max(4, availableParallelism() * 4),
        describe: 'Scenarios at a time',
      })
      .example('$0 run', 'Play every shipped scenario')
      .example('$0 run scenarios/01-no-answer.yaml -vv', 'Play one, and log every message')
      .example('$0 run my-cutover/ --lab site.yaml --json > results.json', 'Play a folder in a lab of your own'),
  handler: async (args) => done(await run(args)),
})

async function run(args: RunArguments): Promise<ExitCode> {
  const environment = process.env
  const { file, sounds } = await loadLab(args.lab, environment)
  const scenarios = await chosen(args)
  const certificates = await createCertificates(realWorld)
  const folder =
    args.report ?? join('reports', new Date(realWorld.clock.wall()).toISOString().replaceAll(':', '-').slice(0, 19))
  const report = new Report(folder)
  const progress = startProgress({
    stream: args.json ? process.stderr : process.stdout,
    colour: environment['NO_COLOR'] === undefined,
  })
  const log = startLog({ verbosity: args.verbose, format: args['log-format'] })
  const emit = (event: RunEvent): void => {
    progress(event)
    report.take(event)
  }
  const stage = {
    file,
    sounds,
    world: realWorld,
    certificates,
    emit,
    folder: async () => {
      const path = await mkdtemp(join(tmpdir(), 'postern-'))
      return { path, remove: () => rm(path, { recursive: true, force: true }) }
    },
    watch: (path: string, bus: Parameters<typeof report.follow>[1]) => {
      report.follow(path, bus)
      log.follow(bus, basename(path))
    },
  }
  const results = await playSuite(scenarios, stage, Math.max(1, args.jobs))
  const written = await report.write()
  if (args.json) process.stdout.write(written.json)
  else process.stdout.write(`Report: ${join(folder, 'index.html')}\n`)
  return { passed: 0, failed: 1, broken: 2 }[overall(results)] as ExitCode
}

async function chosen(args: RunArguments): Promise<readonly Scenario[]> {
  const files = await findScenarios(args.paths?.length ? args.paths : [shippedScenarios])
  const all = await Promise.all(files.map(loadScenario))
  const { only } = args
  if (only === undefined) return all
  const some = all.filter((s) => s.path.includes(only) || s.file.scenario.includes(only))
  if (some.length > 0) return some
  const names = all.map((s) => s.file.scenario).join('\n  ')
  throw new PosternError('usage', `--only ${only} fits no scenario`, { next: `There are:\n  ${names}` })
}
