import type { Fault, Plan } from './plan.ts'

/** Plans that are smaller than one: a fault less, or one of its numbers halved. The boldest first. */
export function smaller(plan: Plan): readonly Plan[] {
  const { faults } = plan
  const without = faults.map((_, i) => faults.filter((__, j) => j !== i))
  const softer = faults.flatMap((fault, i) => milder(fault).map((less) => faults.with(i, less)))
  return [...without, ...softer].map((fewer) => ({ ...plan, faults: fewer }))
}

/**
 * The smallest plan found that still breaks what `plan` broke, after at most `tries` plays.
 * @param breaks whether a plan still does
 */
export async function shrink(plan: Plan, breaks: (plan: Plan) => Promise<boolean>, tries = 60): Promise<Plan> {
  let smallest = plan
  let left = tries
  for (let again = true; again && left > 0;) {
    again = false
    for (const candidate of smaller(smallest)) {
      if (left-- <= 0) break
      if (!(await breaks(candidate))) continue
      smallest = candidate
      again = true
      break
    }
  }
  return smallest
}

function milder(fault: Fault): readonly Fault[] {
  switch (fault.kind) {
    case 'link': {
      const { from, to, ...numbers } = fault.rule
      return Object.entries(numbers).flatMap(([name, value]): Fault[] => {
        const rest: Record<string, number> = Object.fromEntries(
          Object.entries(numbers).filter(([other]) => other !== name),
        )
        const half = name.endsWith('Ms') ? Math.floor(value / 2) : Math.floor((value / 2) * 1000) / 1000
        const gone: Fault = { kind: 'link', rule: { from, to, ...rest } }
        return half > 0 ? [gone, { kind: 'link', rule: { from, to, ...rest, [name]: half } }] : [gone]
      })
    }
    case 'disk':
      return fault.mostMs > 1 ? [{ ...fault, mostMs: Math.floor(fault.mostMs / 2) }] : []
    case 'smtp':
      return fault.times > 1 ? [{ ...fault, times: Math.floor(fault.times / 2) }] : []
    case 'kill': {
      const sooner: Fault[] = fault.downMs > 200 ? [{ ...fault, downMs: Math.floor(fault.downMs / 2) }] : []
      return fault.power ? [{ ...fault, power: false }, ...sooner] : sooner
    }
  }
}
