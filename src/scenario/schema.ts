import { z } from 'zod'
import { expectation } from '../lab/expectation.ts'
import type { RoleName } from '../lab/face.ts'
import { automaticReplies, duration, flaws, sessionExpires, number } from '../lab/schema.ts'

/** The scenario file: who calls whom, what is said, what must be heard, what mail must arrive, what is broken on purpose. */

const sound = z.string().min(1, 'expected the name of a sound, as in message-anna')

/** A point of time as RFC 3339 §5.6 writes it, with its offset. */
const moment = z.iso.datetime({
  offset: true,
  error: 'expected a date and time with an offset, as in 2026-03-28T16:00:00+01:00',
})

const roles = ['pbx', 'sbc', 'voicemail', 'exchange'] as const satisfies readonly RoleName[]

export const authorizationFaults = [
  'works',
  'application-disabled',
  'application-missing',
  'certificate-expired',
  'certificate-not-uploaded',
  'wrong-audience',
  'sfb-missing',
] as const

const smtpReply = z
  .string()
  .regex(/^[45]\d\d(?: [45]\.\d{1,3}\.\d{1,3})?(?: .*)?$/, 'expected an SMTP reply such as "451 4.3.2 try later"')

/** One SMTP fault: the connector answers so at that step, so many times. */
const smtpFault = z.strictObject({
  at: z.enum(['sender', 'recipient', 'message']).default('message'),
  reply: smtpReply,
  times: z.int().min(1).max(1000).default(1),
})

const given = z.strictObject({
  'automatic-replies': z.record(z.string(), automaticReplies).optional(),
  'oof-greeting': z.record(z.string(), z.enum(['never', 'always', 'follow-automatic-replies'])).optional(),
  oauth: z.enum(authorizationFaults).optional(),
  'sbc-certificate': z.enum(flaws).optional(),
  smtp: z.array(smtpFault).optional(),
  ring: duration.optional(),
  'retry-after': z.array(duration).min(1).optional(),
  'session-expires': sessionExpires.optional(),
  /** The wall clock when it starts. */
  date: moment.optional(),
})

const call = z.strictObject({ from: number, name: z.string().optional(), to: number })
const say = z.union([sound, z.strictObject({ sound, for: duration })], {
  error: 'expected the name of a sound, as in message-anna, or { sound: message-anna, for: 3s }',
})
const kinds = z.enum(['voice', 'missed-call', 'non-delivery'])
const mail = z.strictObject({
  to: number,
  kind: kinds.default('voice'),
  from: number.optional(),
  says: sound.optional(),
  begins: sound.optional(),
  subject: z.string().optional(),
  attempts: z.int().min(1).optional(),
  within: duration.prefault('15s'),
})
const noMail = z.strictObject({ to: number, kind: kinds.optional() })
const happening = z.strictObject({
  type: z.string(),
  station: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})
/** A role alone, or with what happens to its disks. */
const kill = z.preprocess(
  (raw) => (typeof raw === 'string' ? { role: raw } : raw),
  z.strictObject({ role: z.enum(roles), power: z.boolean().default(false) }),
)
const event = happening.extend({ within: duration.prefault('5s') })

/** Each verb with what it takes. A step is a map with exactly one of them, or the verb alone where it takes nothing. */
export const verbs = {
  call,
  refused: z.int().min(300).max(699),
  tone: z.strictObject({ within: duration }),
  say,
  press: z.string().regex(/^[0-9*#A-D]+$/, 'expected keys from 0-9 * # A-D'),
  wait: duration,
  until: moment,
  hear: sound,
  mail,
  'no-mail': noMail,
  'no-more-mail': noMail,
  event,
  'no-event': happening,
  kill,
  start: z.enum(roles),
} as const

/** Steps that are a word alone. */
const words = ['tone', 'hang-up', 'ended'] as const

export type Verbs = { readonly [V in keyof typeof verbs]: z.infer<(typeof verbs)[V]> }
export type Step =
  | { [V in keyof Verbs]: { readonly verb: V; readonly value: Verbs[V] } }[keyof Verbs]
  | { readonly verb: 'hang-up' | 'ended' }

const known = [...new Set<string>([...words, ...Object.keys(verbs)])].join(', ')

const step = z.unknown().transform((raw, context): Step => {
  const fail = (message: string): never => {
    context.issues.push({ code: 'custom', message, input: raw })
    return z.NEVER
  }
  if (raw === 'tone') return { verb: 'tone', value: { within: 60_000 } }
  if (raw === 'hang-up' || raw === 'ended') return { verb: raw }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return fail(`expected a step: one of ${known}`)
  const [entry, ...more] = Object.entries(raw as Record<string, unknown>)
  if (entry === undefined || more.length > 0) return fail(`expected one verb a step, of ${known}`)
  const [verb, value] = entry
  if (verb === 'hang-up' || verb === 'ended') return fail(`${verb} stands alone, without a colon`)
  if (!Object.hasOwn(verbs, verb)) return fail(`"${verb}" is not a step; expected one of ${known}`)
  const checked = verbs[verb as keyof typeof verbs].safeParse(value, { error: expectation })
  if (checked.success) return { verb, value: checked.data } as Step
  for (const issue of checked.error.issues) {
    const place = { input: raw as Record<string, unknown>, path: [verb, ...issue.path] }
    if (issue.code === 'unrecognized_keys') context.issues.push({ code: issue.code, keys: issue.keys, ...place })
    else context.issues.push({ code: 'custom', message: issue.message, ...place })
  }
  return z.NEVER
})

export const scenarioSchema = z.strictObject({
  version: z.literal(1, 'expected version: 1'),
  scenario: z.string().min(1),
  about: z.string().optional(),
  /** The longest that it may take. */
  takes: duration.prefault('10min'),
  given: given.prefault({}),
  steps: z.array(step).min(1),
})

export type ScenarioFile = z.infer<typeof scenarioSchema>
export type Given = ScenarioFile['given']
