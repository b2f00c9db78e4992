import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import type { CommandModule } from 'yargs'
import { below } from '../kernel/random.ts'
import { redact } from '../kernel/redact.ts'
import { loadLab } from '../lab/load.ts'
import { realWorld } from '../lab/world.ts'
import { explore, type Finding } from '../scenario/explore/explore.ts'
import { faultText, type Plan } from '../scenario/explore/plan.ts'
import { planText, readPlan } from '../scenario/explore/plan-file.ts'
import { findScenarios, loadScenario, type Scenario } from '../scenario/load.ts'
import { Threads } from '../scenario/virtual/threads.ts'
import { virtualSet } from '../scenario/virtual/suite.ts'
import { count, usage, type Chosen, type GlobalArguments } from './arguments.ts'
import type { ExitCode } from './exit-code.ts'
import { ensureFolder, newFolder } from './folders.ts'
import { embeddedLab, shippedScenarios } from './package.ts'
import type { Output, Shell } from './shell.ts'

interface ExploreArguments extends GlobalArguments {
  paths: string[] | undefined
  lab: string
  runs: number
  seed: number | undefined
  plan: string | undefined
  jobs: number
  report: string | undefined
}

/** `postern explore`: searches seeds for a broken promise, in virtual time, and shrinks what it finds. */
export const exploreCommand = (choose: Chosen): CommandModule<GlobalArguments, ExploreArguments> => ({
  command: 'explore [paths..]',
  describe:
    'Search for a fault that loses or doubles a message: networks, disks and mail servers that misbehave, roles killed',
  builder: (args) =>
    args
      .positional('paths', {
        type: 'string',
        array: true,
        defaultDescription: 'the shipped scenarios/ of minutes',
        describe: 'Scenario files, or folders with some',
      })
      .option('lab', {
        type: 'string',
        requiresArg: true,
        default: embeddedLab,
        defaultDescription: 'labs/embedded.yaml',
        describe: 'Lab file',
      })
      .option('runs', { type: 'number', requiresArg: true, default: 1000, describe: 'How many seeds are tried' })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        defaultDescription: 'drawn',
        describe: 'The first seed; what a seed breaks it breaks again',
      })
      .option('plan', {
        type: 'string',
        requiresArg: true,
        describe: 'Try the faults of one file that an earlier search wrote, and nothing else',
      })
      .option('jobs', {
        type: 'number',
        requiresArg: true,
        default: availableParallelism(),
        defaultDescription: 'one a processor',
        describe: 'How many are played at a time',
      })
      .option('report', {
        type: 'string',
        requiresArg: true,
        defaultDescription: 'reports/explore-<seed>, when there is something to write',
        describe: 'Folder for plans, events and wire logs of what was found',
      })
      .epilogue(
        `Examples:
  postern explore
      Try 1000 seeds on the shipped scenarios
  postern explore scenarios/01-no-answer.yaml --seed 4711 --runs 1
      See again what one seed breaks
  postern explore scenarios/01-no-answer.yaml --plan reports/explore-4711/4711.plan.json
      See again what the smallest plan breaks`,
      ),
  handler: (args) => choose((shell) => run(args, shell)),
})

async function run(args: ExploreArguments, shell: Shell): Promise<ExitCode> {
  const { stdout } = shell
  const jobs = count('jobs', args.jobs)
  const plan = args.plan === undefined ? undefined : await readPlan(args.plan)
  const runs = plan === undefined ? count('runs', args.runs) : 1
  const firstSeed = plan?.seed ?? args.seed ?? below(realWorld.random, 2 ** 31)
  if (!Number.isSafeInteger(firstSeed) || firstSeed < 0) {
    throw usage(`--seed ${firstSeed} is not a whole number from 0 up`, 'Give a number, as in --seed 7.')
  }
  const { file, sounds } = await loadLab(args.lab, shell.environment)
  const scenarios = await chosen(args)
  const seeds = runs === 1 ? `seed ${firstSeed}` : `seeds ${firstSeed} to ${firstSeed + runs - 1}`
  stdout.write(`Exploring ${scenarios.length} scenario${scenarios.length === 1 ? '' : 's'} in virtual time, ${seeds}\n`)
  const began = realWorld.clock.now()
  const threads = new Threads(
    { ...(await virtualSet(file, sounds, scenarios)), scenarios, wireLog: false },
    Math.min(jobs, runs),
  )
  const stop = shell.interruption()
  try {
    const { done, found } = await explore({
      scenarios,
      file,
      firstSeed,
      runs,
      jobs,
      stop,
      ...(plan === undefined ? {} : { plan }),
      play: (scenario, tried) => threads.play({ scenario, seed: tried.seed, plan: tried }),
      progress: progressOn(stdout, runs),
    })
    if (stdout.isTTY === true) stdout.write(overwrite)
    for (const finding of found) await tell(finding, args, stdout)
    const took = ((realWorld.clock.now() - began) / 1000).toFixed(1)
    stdout.write(`${done} runs, ${found.length} broken promise${found.length === 1 ? '' : 's'} in ${took} s\n`)
    if (stop.aborted) return 2
    return found.length === 0 ? 0 : 1
  } finally {
    await threads.close()
  }
}

/** On a terminal a line that is written over; elsewhere a line at each tenth. */
function progressOn(stream: Output, runs: number): (done: number, found: number) => void {
  const tenth = Math.max(1, Math.floor(runs / 10))
  return (done, found) => {
    const line = `${done}/${runs} runs, ${found} found`
    if (stream.isTTY === true) stream.write(`${overwrite}${line}`)
    else if (done % tenth === 0 && runs > 1) stream.write(`${line}\n`)
  }
}

const overwrite = '\r\u001B[K'

/** Named scenarios are taken as they are; of the shipped ones those that take minutes. */
async function chosen({ paths }: ExploreArguments): Promise<readonly Scenario[]> {
  const named = paths !== undefined && paths.length > 0
  const all = await Promise.all((await findScenarios(named ? paths : [shippedScenarios])).map(loadScenario))
  return named ? all : all.filter(({ file }) => file.takes <= 600_000)
}

async function tell(finding: Finding, { report, lab, plan: given }: ExploreArguments, stream: Output): Promise<void> {
  const { seed, broken, plan, smallest, events, wire } = finding
  const folder = report ?? (await newFolder(join('reports', `explore-${seed}`), 'report'))
  if (report !== undefined) await ensureFolder(report, 'report')
  const at = (ending: string): string => join(folder, `${seed}.${ending}`)
  await writeFile(at('plan.json'), planText(smallest))
  await writeFile(at('events.jsonl'), events.map((e) => `${JSON.stringify(redact(e))}\n`).join(''))
  await writeFile(at('wire.log'), wire)
  const scenario = shown(finding.scenario)
  const command = `postern explore ${scenario}${lab === embeddedLab ? '' : ` --lab ${shown(lab)}`}`
  stream.write(
    [
      `BROKEN  ${broken.promise}: seed ${seed} of ${scenario}`,
      `        ${broken.text}`,
      `        the least that breaks it, ${smallest.faults.length} of ${plan.faults.length} faults:`,
      ...faultLines(smallest),
      // A plan that was given need not be what its seed draws.
      ...(given === undefined ? [`        see it again: ${command} --seed ${seed} --runs 1`] : []),
      `        ${given === undefined ? 'or the least' : 'see it again'}: ${command} --plan ${shown(at('plan.json'))}`,
      '',
    ].join('\n'),
  )
}

/** A path from the working directory, where it lies under it. */
function shown(path: string): string {
  const from = relative('.', path)
  return from === '' || from.startsWith('..') || isAbsolute(from) ? path : from
}

function faultLines({ faults }: Plan): readonly string[] {
  return faults.length === 0 ? ['          none: it breaks by itself'] : faults.map((f) => `          ${faultText(f)}`)
}
