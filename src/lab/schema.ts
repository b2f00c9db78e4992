import { z } from 'zod'

/** The lab file: which stations there are, where they listen, who has a mailbox. */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration as people write it, in ms: `300ms`, `2s`, `5min`, `1h`, `5d`. */
export const duration = z
  .string({ error: 'expected a duration such as 300ms, 2s or 5min' })
  .regex(/^\d+(?:\.\d+)?(?:ms|s|min|h|d)$/, 'expected a duration such as 300ms, 2s or 5min')
  .transform((text) => Math.round(Number.parseFloat(text) * (units[text.replace(/^[\d.]+/, '')] ?? 1)))

/** ms: the shortest that RFC 4028 §5 allows. */
export const leastSession = 90_000
export const sessionExpires = duration.refine((ms) => ms >= leastSession, 'expected 90s or more (RFC 4028 §5)')

const inQuotes = 'expected a telephone number, in quotes'
/** Without quotes YAML would read a number, and drop the `+` or the zeros it begins with. */
export const number = z.string({ error: inQuotes }).min(1, inQuotes)
const port = z.int().min(0).max(65_535)
const host = z.string().min(1)
const face = { bind: host, advertise: host.optional() }

const station = (
  transports: readonly ('udp' | 'tcp' | 'tls')[],
): z.ZodObject<{
  name: z.ZodString
  bind: z.ZodString
  advertise: z.ZodOptional<z.ZodString>
  ports: z.ZodPrefault<z.ZodObject<Record<string, z.ZodDefault<typeof port>>>>
  media: z.ZodOptional<z.ZodTuple<[typeof port, typeof port], null>>
}> =>
  z.strictObject({
    /** Host name as certificates, URIs and the resolver know it. */
    name: host,
    ...face,
    ports: z.strictObject(Object.fromEntries(transports.map((t) => [t, port.default(0)]))).prefault({}),
    /** Range of RTP ports; the system's choice when left out. */
    media: z
      .tuple([port, port])
      .refine(([first, last]) => first <= last, 'expected the first port, then the last')
      .optional(),
  })

export const flaws = ['expired', 'wrong-name'] as const

const extension = z.strictObject({
  number,
  phone: z.enum(['rings', 'answers', 'busy']),
  ring: duration.prefault('2s'),
  /** WAV that it says once answered. */
  talk: z.string().optional(),
})

export const automaticReplies = z.union(
  [
    z.enum(['off', 'on']),
    z.strictObject({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) }),
  ],
  { error: 'expected off, on or { from: …, to: … } with dates as in 2026-08-03T08:00:00+02:00' },
)

const mailbox = z.strictObject({
  number,
  name: z.string(),
  smtp: z.email(),
  voicemail: z.boolean().default(true),
  greetings: z.strictObject({ standard: z.string().optional(), oof: z.string().optional() }).prefault({}),
  /** When the out-of-office greeting plays (facts 3.1). */
  'oof-greeting': z.enum(['never', 'always', 'follow-automatic-replies']).default('never'),
  'automatic-replies': automaticReplies.default('off'),
})

export type MailboxFile = z.infer<typeof mailbox>
export type StationFile = z.infer<ReturnType<typeof station>>

const labObject = z.strictObject({
  version: z.literal(1, 'expected version: 1'),
  lab: z.string(),
  /** Folder for mail, spool and recordings; a temporary one, removed at the end, when left out. */
  data: z.string().optional(),
  /** Further names for the resolver. */
  hosts: z.record(z.string(), host).default({}),
  pbx: station(['udp', 'tcp']),
  extensions: z.array(extension).min(1),
  pilot: number,
  /** How long a session lasts that nobody refreshes (RFC 4028: 90 s or more); no station asks for it when left out. */
  'session-expires': sessionExpires.optional(),
  sbc: z.strictObject({
    inside: station(['tcp']),
    outside: station(['tls']),
    certificate: z.enum(['good', ...flaws]).default('good'),
  }),
  voicemail: station(['tls']).extend({
    'longest-message': duration.prefault('5min'),
    /** Silence that ends a recording (facts 2.5: 5 s). */
    silence: duration.prefault('5s'),
    'too-short': duration.prefault('2s'),
    /** Which regular greeting plays while the authorization does not work (facts 3.1: a lab choice). */
    'greeting-without-oauth': z.enum(['cached', 'system']).default('cached'),
    prompts: z.strictObject({ standard: z.string(), oof: z.string() }),
    'retry-after': z.array(duration).min(1).prefault(['30s', '1min', '5min', '15min', '30min', '1h', '4h']),
    'give-up-after': duration.prefault('96h'),
  }),
  exchange: z.strictObject({
    name: host,
    ...face,
    ports: z.strictObject({ smtp: port.default(0), https: port.default(0) }).prefault({}),
    domain: host,
    realm: z.string(),
  }),
  mailboxes: z.array(mailbox).min(1),
  control: z.strictObject({ bind: host.default('127.0.0.1'), port: port.default(0) }).prefault({}),
})

/** A number leads to one place: an extension, a mailbox or the pilot stands once. */
export const labSchema = labObject.superRefine(({ exchange, extensions, mailboxes, pilot }, context) => {
  const twice = (list: 'extensions' | 'mailboxes', numbers: readonly string[]): void => {
    for (const [i, known] of numbers.entries()) {
      if (numbers.indexOf(known) < i)
        context.addIssue({ code: 'custom', path: [list, i, 'number'], message: `${known} stands twice` })
    }
  }
  const numbers = extensions.map((e) => e.number)
  twice('extensions', numbers)
  twice(
    'mailboxes',
    mailboxes.map((m) => m.number),
  )
  for (const [i, { smtp }] of mailboxes.entries()) {
    const domain = smtp.split('@')[1]?.toLowerCase() ?? exchange.domain.toLowerCase()
    if (domain === exchange.domain.toLowerCase()) continue
    const message = `expected an address of ${exchange.domain}: voicemail goes to Exchange mailboxes only`
    context.addIssue({ code: 'custom', path: ['mailboxes', i, 'smtp'], message })
  }
  if (numbers.includes(pilot))
    context.addIssue({ code: 'custom', path: ['pilot'], message: `${pilot} is an extension already` })
})

export type LabFile = z.infer<typeof labSchema>
