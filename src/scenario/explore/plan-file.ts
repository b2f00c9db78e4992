import { z } from 'zod'
import { readChecked } from '../../lab/document.ts'
import type { Plan } from './plan.ts'

const ms = z.number().min(0).max(3_600_000)
const share = z.number().min(0).max(1)

const rule = z.strictObject({
  from: z.string().min(1),
  to: z.string().min(1),
  delayMs: ms.exactOptional(),
  jitterMs: ms.exactOptional(),
  loss: share.exactOptional(),
  duplicate: share.exactOptional(),
  reorder: share.exactOptional(),
  reorderMs: ms.exactOptional(),
})

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('link'), rule }),
  z.strictObject({ kind: z.literal('disk'), mostMs: ms }),
  z.strictObject({
    kind: z.literal('smtp'),
    at: z.enum(['sender', 'recipient', 'message']),
    reply: z.string().regex(/^[45]\d\d /, 'expected an SMTP reply such as "451 4.3.2 try later"'),
    times: z.int().min(1).max(1000),
  }),
  z.strictObject({
    kind: z.literal('kill'),
    role: z.enum(['pbx', 'sbc', 'voicemail', 'exchange']),
    atEvent: z.int().min(0),
    power: z.boolean(),
    downMs: ms,
  }),
])

const planSchema = z.strictObject({
  seed: z.int().min(0),
  harmless: z.boolean(),
  faults: z.array(fault),
})

/** Reads a plan as `explore` wrote it. @throws PosternError file-unreadable, file-invalid */
export async function readPlan(path: string): Promise<Plan> {
  return (await readChecked(path, planSchema)).value
}

export const planText = (plan: Plan): string => `${JSON.stringify(plan, null, 2)}\n`
