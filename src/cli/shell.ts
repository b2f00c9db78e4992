import process from 'node:process'
import { systemClock } from '../kernel/clock.ts'
import type { ExitCode } from './exit-code.ts'

/** A stream that a command writes to: a terminal or not. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Columns of a terminal; one that does not know them says 0. */
export const widthOf = ({ columns }: Output, otherwise: number): number =>
  columns === undefined || columns === 0 ? otherwise : columns

/** All that a command touches of the process it runs in. */
export interface Shell {
  readonly stdout: Output
  readonly stderr: Output
  readonly environment: Readonly<Record<string, string | undefined>>
  /** From here on the first SIGINT, SIGTERM or SIGHUP aborts the answer and no more; a later one ends the process at once. */
  interruption(): AbortSignal
  /** The command is over. */
  end(code: ExitCode): void
}

/** One Ctrl-C under npx comes from the terminal and from npm, and the end of npm hangs up the terminal: ms that they are one. */
const together = 500

/** The process itself. A reader of stdout or stderr that goes away ends nothing; one that fails makes the exit code 2. */
export function processShell(): Shell {
  let interrupted = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') return
      process.exitCode = 2
      if (stream === process.stdout) process.stderr.write(`postern: stdout cannot be written: ${error.message}\n`)
    })
  }
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    interruption: () => abortedBySignal(() => (interrupted = true)),
    end(code) {
      process.exitCode ||= code
      // What an interrupted scenario still waits for holds nothing any more but the event loop.
      if (interrupted) process.exit()
    },
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function abortedBySignal(note: () => void): AbortSignal {
  const controller = new AbortController()
  let first: number | undefined
  const take = (name: (typeof signals)[number]): void => {
    const now = systemClock.now()
    if (first === undefined) {
      first = now
      note()
      controller.abort(name)
    } else if (name !== 'SIGHUP' && now - first > together) {
      process.off(name, take)
      process.kill(process.pid, name)
    }
  }
  for (const name of signals) process.on(name, take)
  return controller.signal
}
