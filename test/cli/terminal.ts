import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { ExitCode } from '../../src/cli/exit-code.ts'
import { main } from '../../src/cli/main.ts'
import type { Shell } from '../../src/cli/shell.ts'
import { spareRealWorld } from '../support/own-process.ts'

spareRealWorld()

/** Keeps what is written to it. */
export class Captured extends Writable {
  text = ''
  readonly columns: number | undefined
  readonly isTTY: boolean
  #waiting: (() => void)[] = []

  constructor(columns?: number) {
    super({ decodeStrings: false })
    this.columns = columns
    this.isTTY = columns !== undefined
  }

  override _write(piece: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += piece
    for (const look of this.#waiting) look()
    done()
  }

  /** Resolves once it stands there. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (pattern.test(this.text)) resolve()
      }
      this.#waiting.push(look)
      look()
    })
  }
}

/** A shell without a process: a test types a command, reads what was written, and may press Ctrl-C. */
export class Terminal implements Shell {
  readonly stdout: Captured
  readonly stderr = new Captured()
  readonly environment: Shell['environment']
  ended: ExitCode | undefined
  readonly #controller = new AbortController()

  constructor({ columns, environment = {} }: { columns?: number; environment?: Shell['environment'] } = {}) {
    this.stdout = new Captured(columns)
    this.environment = environment
  }

  type(...args: readonly string[]): Promise<ExitCode> {
    return main(args, this)
  }

  interruption(): AbortSignal {
    return this.#controller.signal
  }

  ctrlC(): void {
    this.#controller.abort('SIGINT')
  }

  end(code: ExitCode): void {
    this.ended = code
  }
}

/** What a command did: its exit code, stdout and stderr. */
export async function typed(...args: readonly string[]): Promise<{ code: ExitCode; out: string; err: string }> {
  const terminal = new Terminal()
  const code = await terminal.type(...args)
  return { code, out: terminal.stdout.text, err: terminal.stderr.text }
}

/** A scenario file in `folder`. */
export async function scenario(folder: string, name: string, steps: readonly string[]): Promise<string> {
  const file = join(folder, `${name}.yaml`)
  const lines = steps.map((step) => `  - ${step}\n`).join('')
  await writeFile(file, `version: 1\nscenario: ${name}\nsteps:\n${lines}`)
  return file
}
