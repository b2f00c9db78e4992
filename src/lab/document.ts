import { readFile } from 'node:fs/promises'
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { expectation } from './expectation.ts'

/** A YAML file that was read and checked, and where each of its values stands. */
export interface CheckedFile<T> {
  readonly value: T
  /** 1-based line of the value at a path, as in `['steps', 2]`. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

/** Reads and checks a YAML file. @throws PosternError file-unreadable, file-invalid: every fault with file, line and column */
export async function readChecked<S extends z.ZodType>(
  file: string,
  schema: S,
  environment?: Environment,
): Promise<CheckedFile<z.infer<S>>> {
  return checkText(await readText(file), file, schema, environment)
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Checks YAML text; `file` is the name that errors carry. @throws PosternError file-invalid */
export function checkText<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  environment: Environment = {},
): CheckedFile<z.infer<S>> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const [fault] = document.errors
  if (fault !== undefined) throw invalid([`${at(fault.pos[0])}: not YAML: ${fault.message}`])
  const placed = (faults: readonly Fault[]): PosternError => {
    const found = faults.map((f) => ({ offset: offsetOf(document, f.path, f.key), text: f.text }))
    return invalid(found.sort((a, b) => a.offset - b.offset).map((f) => `${at(f.offset)}: ${f.text}`))
  }
  const missing: Fault[] = []
  const read = plainOf(document, (text) => invalid([`${at(0)}: not YAML: ${text}`]))
  const plain = fromEnvironment(read, environment, missing)
  if (missing.length > 0) throw placed(missing)
  const checked = schema.safeParse(plain, { error: expectation })
  if (!checked.success) throw placed(checked.error.issues.flatMap(flatten))
  return { value: checked.data, lineOf: (path) => lines.linePos(offsetOf(document, path)).line }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    throw new PosternError('file-unreadable', `${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown })
  }
}

/** Aliases are resolved here; one that has no anchor, or a bomb of them, is a fault of the file. */
function plainOf(document: Document, fail: (text: string) => PosternError): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    throw fail(messageOf(thrown))
  }
}

/** Replaces `${NAME}` and `${NAME:-default}` in every text; as in a shell the default also stands in for an empty value. */
function fromEnvironment(
  value: unknown,
  environment: Environment,
  missing: Fault[],
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, or?: string) => {
      const found = Object.hasOwn(environment, name) ? environment[name] : undefined
      if (or === undefined && found === undefined) missing.push({ path, text: `${name} is not set and has no default` })
      return found === undefined || found === '' ? (or ?? '') : found
    })
  }
  if (Array.isArray(value)) return value.map((item, i) => fromEnvironment(item, environment, missing, [...path, i]))
  if (typeof value !== 'object' || value === null) return value
  const inside = (key: string, item: unknown): unknown => fromEnvironment(item, environment, missing, [...path, key])
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(key, item)]))
}

interface Fault {
  readonly path: readonly PropertyKey[]
  /** An unknown key: the fault stands at the key, not at its value. */
  readonly key?: string
  readonly text: string
}

function flatten(issue: z.core.$ZodIssue): readonly Fault[] {
  const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: issue.path, key, text: `${where}"${key}" is not known here` }))
  }
  return [{ path: issue.path, text: `${where}${issue.message}` }]
}

/** Where a value begins; for a path that is not there, the nearest value above it. */
function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true)
    if (key !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0]
    }
    const range = (node as { range?: readonly number[] } | undefined)?.range
    if (range?.[0] !== undefined) return range[0]
  }
  return 0
}

function invalid(faults: readonly string[]): PosternError {
  return new PosternError('file-invalid', faults.join('\n'), {
    next: 'Mend the lines named above; docs/scenarios.md and docs/labs.md list what may stand where.',
    detail: { faults },
  })
}
