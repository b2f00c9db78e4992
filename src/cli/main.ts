import yargs from 'yargs'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { usage, type Task } from './arguments.ts'
import { callCommand } from './call.ts'
import { certsCommand } from './certs.ts'
import type { ExitCode } from './exit-code.ts'
import { exploreCommand } from './explore.ts'
import { packageVersion } from './package.ts'
import { runCommand } from './run.ts'
import { serveCommand } from './serve.ts'
import { processShell, widthOf, type Shell } from './shell.ts'

export type { ExitCode } from './exit-code.ts'

/** Reads the command line, does what it says, and answers the exit code. Never rejects. */
export async function main(args: readonly string[], shell: Shell = processShell()): Promise<ExitCode> {
  const code = await attempt(args, shell)
  shell.end(code)
  return code
}

async function attempt(args: readonly string[], shell: Shell): Promise<ExitCode> {
  try {
    const task = await read(args, shell)
    return await task(shell)
  } catch (thrown) {
    shell.stderr.write(`postern: ${explain(thrown)}\n`)
    return 2
  }
}

const commands = ['run', 'explore', 'serve', 'call', 'certs'] as const

/** What yargs says of a wrong command line, in words that fit ours; it types those that count as plain texts too. */
const wording = {
  'Unknown argument: %s': { one: '"%s" is not known', other: 'Not known: %s' },
  'Not enough arguments following: %s': 'Nothing stands after --%s',
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'The <uri> to call is missing (got %s, need %s)',
    other: 'The <uri> to call is missing (got %s, need %s)',
  },
  'Invalid values:': 'Not one of the choices:',
  'Argument: %s, Given: %s, Choices: %s': '--%s %s, expected %s',
}

const everywhere = 'Every command takes:'

/** What the command line asks for: a command, or help. @throws PosternError usage */
async function read(args: readonly string[], shell: Shell): Promise<Task> {
  let chosen: Task | undefined
  const choose = (task: Task): void => void (chosen = task)
  let told = ''
  const parser = yargs([])
    .scriptName('postern')
    .locale('en')
    .updateStrings(wording as unknown as Readonly<Record<string, string>>)
    .exitProcess(false)
    .wrap(Math.min(100, widthOf(shell.stdout, 100)))
    .usage(
      '$0 <command>\n\nA lab for the road a voice message takes: telephone, PBX, session border controller, voicemail, mailbox.',
    )
    .option('verbose', { alias: 'v', type: 'count', describe: 'Log what happens on stderr; -vv every message too' })
    .option('log-format', { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'Form of the log' })
    .help('help', 'Show this help')
    .alias('help', 'h')
    .version('version', 'Show the version', packageVersion())
    .group(['verbose', 'log-format', 'help', 'version'], everywhere)
    .command(runCommand(choose))
    .command(exploreCommand(choose))
    .command(serveCommand(choose))
    .command(callCommand(choose))
    .command(certsCommand(choose))
    .epilogue(
      [
        '`postern run` plays the shipped scenarios, and is the place to begin.',
        '`postern <command> --help` shows what a command takes, with examples.',
        '',
        'Exit code 0: all passed. 1: a scenario failed, or a call was refused.',
        '2: the lab, a file or the command line is broken, or the run was interrupted.',
      ].join('\n'),
    )
    .demandCommand(1, `No command was named: expected ${commands.join(', ')}`)
    .strict()
    .check((argv) => plain(argv))
    .fail((message, error) => {
      // yargs types the error as always there; it is not when the command line itself is wrong.
      const thrown = error as Error | undefined
      throw thrown instanceof PosternError ? thrown : usage(message || messageOf(thrown), hint(args))
    })
  await parser.parseAsync([...args], {}, (_error: unknown, _argv: unknown, output: string) => void (told = output))
  if (chosen !== undefined) return chosen
  return ({ stdout }) => {
    stdout.write(`${told}\n`)
    return Promise.resolve(0)
  }
}

/** Each option once, and nothing behind `--`: yargs would make a list of the one and drop the other. */
function plain({ _: rest, ...options }: Readonly<Record<string, unknown>>): true {
  const twice = Object.keys(options).find((name) => name !== 'paths' && Array.isArray(options[name]))
  if (twice !== undefined) throw new Error(`--${twice} stands twice`)
  const [, left] = rest as readonly (string | number)[]
  if (left !== undefined) throw new Error(`"${left}" is left over`)
  return true
}

function hint(args: readonly string[]): string {
  const command = args.find((a) => commands.some((c) => c === a))
  return `\`postern ${command === undefined ? '' : `${command} `}--help\` shows what may stand there.`
}

function explain(thrown: unknown): string {
  if (!(thrown instanceof PosternError))
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown)
  const next = thrown.next?.split('\n') ?? []
  return [thrown.message, ...next, `(${thrown.code})`].join('\n  ')
}
