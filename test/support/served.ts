import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { program } from './program.ts'

export interface Served {
  readonly roles: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Base URL of the control face. */
  readonly control: string
  /** Ends it at once, as a power cut of the process would. */
  kill(): Promise<void>
  /** Asks it to stop; answers the exit code. */
  stop(): Promise<number | null>
}

/** `postern serve --json` as a process of its own; resolves at its ready line. */
export async function serve(...options: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [program(), 'serve', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()))
  const exited = once(child, 'exit') as Promise<[number | null]>
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    exited.then(([code]) => new Error(`exit ${String(code)}: ${errors}`)),
  ])
  if (first instanceof Error) throw first
  const { event, roles } = JSON.parse(first[0]) as { event: string; roles: Served['roles'] }
  if (event !== 'ready') throw new Error(`expected the ready line, got ${first[0]}`)
  return {
    roles,
    control: `http://${roles['control']?.['http'] ?? ''}`,
    kill: () => end(child, exited, 'SIGKILL').then(() => undefined),
    stop: () => end(child, exited, 'SIGTERM'),
  }
}

async function end(
  child: ChildProcess,
  exited: Promise<[number | null]>,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<number | null> {
  child.kill(signal)
  const [code] = await exited
  return code
}

type Happened = { type: string } & Record<string, unknown>

/** Server-sent events of a control face, one parsed object at a time; every one from the moment that this resolves. */
export async function events(control: string): Promise<AsyncGenerator<Happened>> {
  return parsed(await fetch(`${control}/events`))
}

async function* parsed(response: Response): AsyncGenerator<Happened> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) return
      text += value
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined) yield JSON.parse(data) as Happened
      }
    }
  } finally {
    await reader?.cancel()
  }
}
