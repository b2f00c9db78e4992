import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { parseUri } from '../sip/message/uri.ts'
import type { ExitCode } from './exit-code.ts'
import type { Shell } from './shell.ts'

/** What every command takes. */
export interface GlobalArguments {
  verbose: number
  'log-format': 'text' | 'json'
}

/** What a command does, once the command line was read. */
export type Task = (shell: Shell) => Promise<ExitCode>

/** How a command hands its task to whoever read the command line. */
export type Chosen = (task: Task) => void

/** Makes an error of the command line. */
export function usage(message: string, next: string): PosternError {
  return new PosternError('usage', message, { next })
}

/** @throws PosternError usage, unless it is a whole number from 1 up */
export function count(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw usage(`--${option} is not a whole number from 1 up`, `For instance --${option} 4`)
}

/** Longest timer of a call, in s: a day. */
const longest = 86_400

/** Seconds as ms. @throws PosternError usage */
export function seconds(option: string, value: number): number {
  if (value > 0 && value <= longest) return value * 1000
  throw usage(`--${option} is not a number of seconds above 0 and up to ${longest}`, `For instance --${option} 20`)
}

/** A SIP URI as it stands, a number as one at `host`. @throws PosternError usage */
export function address(option: string, value: string, host: string): string {
  const text = /^\+?[\d*#]+$/.test(value) ? `sip:${value}@${host}` : value
  if (parseUri(text) !== undefined) return text
  throw usage(`--${option} ${value} is neither a SIP URI nor a number`, `For instance --${option} sip:1001@${host}`)
}

/** Sees that a file can be written at its place, before anything is done for it. @throws PosternError usage */
export async function writable(option: string, file: string): Promise<void> {
  const folder = dirname(file)
  try {
    await access(folder, constants.W_OK)
  } catch (thrown) {
    throw usage(`--${option} ${file} cannot be written: ${messageOf(thrown)}`, `Make the folder ${folder} first.`)
  }
  const there = await stat(file).catch(() => undefined)
  if (there?.isDirectory() === true) throw usage(`--${option} ${file} is a folder`, 'Name a file in it.')
}
