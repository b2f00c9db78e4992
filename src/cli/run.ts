import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import type { CommandModule } from 'yargs'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { createCertificates } from '../lab/certificates.ts'
import { loadLab } from '../lab/load.ts'
import { realWorld } from '../lab/world.ts'
import { startLog } from '../report/log.ts'
import { startProgress, type Screen } from '../report/progress.ts'
import { Report } from '../report/report.ts'
import { findScenarios, loadScenario, type Scenario } from '../scenario/load.ts'
import type { Stage } from '../scenario/play.ts'
import type { RunEvent } from '../scenario/result.ts'
import { overall, playSuite } from '../scenario/suite.ts'
import { playVirtualSuite } from '../scenario/virtual/suite.ts'
import { count, usage, type Chosen, type GlobalArguments } from './arguments.ts'
import type { ExitCode } from './exit-code.ts'
import { ensureFolder, newFolder, temporaryFolder } from './folders.ts'
import { embeddedLab, shippedScenarios } from './package.ts'
import { widthOf, type Shell } from './shell.ts'

interface RunArguments extends GlobalArguments {
  paths: string[] | undefined
  lab: string
  report: string | undefined
  json: boolean | undefined
  only: string | undefined
  jobs: number | undefined
  virtual: boolean | undefined
  seed: number | undefined
}

/** `postern run`: plays scenarios, each in a lab of its own, and writes a report. */
export const runCommand = (choose: Chosen): CommandModule<GlobalArguments, RunArguments> => ({
  command: 'run [paths..]',
  describe: 'Play scenario files, or all in a folder, and report what was heard and what arrived',
  builder: (args) =>
    args
      .positional('paths', {
        type: 'string',
        array: true,
        defaultDescription: 'the shipped scenarios/',
        describe: 'Scenario files, or folders with some',
      })
      .option('lab', {
        type: 'string',
        requiresArg: true,
        default: embeddedLab,
        defaultDescription: 'labs/embedded.yaml',
        describe: 'Lab file',
      })
      .option('report', {
        type: 'string',
        requiresArg: true,
        defaultDescription: 'reports/<time>',
        describe: 'Folder for the report',
      })
      .option('json', {
        type: 'boolean',
        describe: 'Print results.json on stdout and nothing else there; progress goes to stderr',
      })
      .option('only', {
        type: 'string',
        requiresArg: true,
        describe: 'Play only scenarios whose name or file holds this text, in either case',
      })
      .option('jobs', {
        type: 'number',
        requiresArg: true,
        defaultDescription: 'four a processor; one with --virtual',
        describe: 'How many scenarios play at a time',
      })
      .option('virtual', {
        type: 'boolean',
        describe: 'Play in virtual time: a world in memory, where days take seconds and nothing touches the network',
      })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        implies: 'virtual',
        defaultDescription: '1',
        describe: 'What all chance of a virtual run is drawn from: the same seed, the same events',
      })
      .epilogue(
        `Examples:
  postern run
      Play every shipped scenario
  postern run scenarios/01-no-answer.yaml -vv
      Play one, and log every message
  postern run --only busy --report reports/busy
      Play those with "busy" in their name, and write the report there
  postern run --virtual --seed 7
      Play all in virtual time, days in seconds, with chance drawn from 7
  postern run my-cutover/ --lab site.yaml --json > results.json
      Play a folder in a lab of your own, for a script`,
      ),
  handler: (args) => choose((shell) => run(args, shell)),
})

async function run(args: RunArguments, shell: Shell): Promise<ExitCode> {
  const { file, sounds } = await loadLab(args.lab, shell.environment)
  const scenarios = await chosen(args)
  const seed = seedOf(args)
  const processors = availableParallelism()
  const jobs = count('jobs', args.jobs ?? (args.virtual === true ? processors : Math.max(4, processors * 4)))
  const folder = await reportFolder(args.report)
  const report = new Report(folder)
  const told = args.json === true ? shell.stderr : shell.stdout
  const progress = startProgress({ stream: screen(told, args, shell), colour: !shell.environment['NO_COLOR'] })
  const log = startLog({ verbosity: args.verbose, format: args['log-format'], stream: shell.stderr })
  const stop = shell.interruption()
  stop.addEventListener('abort', () => {
    shell.stderr.write(`\npostern: ${String(stop.reason)}: stopping the labs; once more ends it at once\n`)
  })
  const consumers: Pick<Stage, 'emit'> & Required<Pick<Stage, 'watch'>> = {
    emit: (event: RunEvent) => {
      progress(event)
      report.take(event)
    },
    watch: (path, bus) => {
      report.follow(path, bus)
      log.follow(bus, basename(path))
    },
  }
  const lab = { file, sounds, stop, ...consumers }
  const results =
    args.virtual === true
      ? await playVirtualSuite(scenarios, { ...lab, seed, jobs, clock: realWorld.clock, wire: report.keepWire })
      : await playSuite(scenarios, await realStage(lab), jobs)
  const { json } = await report.write()
  if (args.json === true) shell.stdout.write(json)
  told.write(`Report: ${join(folder, 'index.html')}\n`)
  return exitCodes[overall(results)]
}

async function realStage(lab: Omit<Stage, 'world' | 'certificates' | 'folder'>): Promise<Stage> {
  return { ...lab, world: realWorld, certificates: await createCertificates(realWorld), folder: temporaryFolder }
}

function seedOf({ seed = 1 }: RunArguments): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed
  throw usage(`--seed ${String(seed)} is not a whole number from 0 up`, 'Give a number, as in --seed 7.')
}

const exitCodes = { passed: 0, failed: 1, broken: 2 } as const

/** Made before anything is played, so that a folder that cannot be is known before. */
async function reportFolder(wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) {
    await ensureFolder(wanted, 'report')
    return wanted
  }
  const time = new Date(realWorld.clock.wall()).toISOString().replaceAll(':', '-').slice(0, 19)
  return newFolder(join('reports', time), 'report')
}

/** A line that is written over and over goes to a terminal that can, and not between the lines of a log. */
function screen(stream: Shell['stdout'], { verbose }: GlobalArguments, { environment, stderr }: Shell): Screen {
  const quiet = verbose === 0 || stderr.isTTY !== true
  const isTTY = stream.isTTY === true && environment['TERM'] !== 'dumb' && quiet
  return {
    isTTY,
    get columns() {
      return widthOf(stream, 80)
    },
    write: (text) => stream.write(text),
  }
}

async function chosen(args: RunArguments): Promise<readonly Scenario[]> {
  const files = await findScenarios(args.paths?.length ? args.paths : [shippedScenarios])
  const all = await loadAll(files)
  const only = args.only?.toLowerCase()
  if (only === undefined) return all
  const some = all.filter((s) => `${s.path}\n${s.file.scenario}`.toLowerCase().includes(only))
  if (some.length > 0) return some
  const names = all.map((s) => `${s.path}: ${s.file.scenario}`)
  throw usage(`--only ${args.only ?? ''} fits no scenario`, ['There are:', ...names].join('\n  '))
}

/** Reads every file before it tells what is wrong with any. @throws PosternError with the faults of all */
async function loadAll(files: readonly string[]): Promise<readonly Scenario[]> {
  const read = await Promise.allSettled(files.map(loadScenario))
  const faults = read.flatMap((r): unknown[] => (r.status === 'rejected' ? [r.reason] : []))
  const [first] = faults
  if (first === undefined) return read.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))
  const known = first instanceof PosternError ? first : new PosternError('lab-broken', messageOf(first))
  const next = known.next === undefined ? {} : { next: known.next }
  throw new PosternError(known.code, faults.map(messageOf).join('\n'), { ...next, cause: first })
}
