import type { z } from 'zod'

/** The schema library's faults in words of ours: what was expected, and what was found. A schema's own text goes before. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `missing, expected ${kindOf(issue.expected)}`
      return `expected ${kindOf(issue.expected)}, found ${shown(issue.input)}`
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}, found ${shown(issue.input)}`
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `expected at least ${issue.minimum} ${issue.origin === 'array' ? 'of them' : 'letter'}`
        : `expected ${issue.minimum} or more, found ${shown(issue.input)}`
    case 'too_big':
      return `expected ${issue.maximum} or less, found ${shown(issue.input)}`
    case 'invalid_format':
      return formats[issue.format]
    default:
      return undefined
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
}

const formats: Readonly<Record<string, string>> = {
  email: 'expected a mail address, as in anna@example.com',
  datetime: 'expected a date and time with an offset, as in 2026-08-03T08:00:00+02:00',
}

const kindOf = (name: string): string => kinds[name] ?? name

function shown(input: unknown): string {
  if (input === undefined || input === null) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  return typeof input === 'object' ? 'a map' : JSON.stringify(input)
}
