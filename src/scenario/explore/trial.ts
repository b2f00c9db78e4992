import type { Clock } from '../../kernel/clock.ts'
import { readMail } from '../../mail/read.ts'
import type { Happening } from '../../lab/events.ts'
import type { Lab } from '../../lab/face.ts'
import type { World } from '../../lab/world.ts'
import type { Scenario } from '../load.ts'
import { playVirtually, type VirtualPlay, type VirtualSet } from '../virtual/play.ts'
import type { Fault, Plan } from './plan.ts'
import { brokenPromise, unsettled, type Broken, type MailboxIds } from './promises.ts'

/** One play under a plan, and what it broke. */
export interface Trial extends VirtualPlay {
  readonly broken?: Broken
  readonly events: readonly Happening[]
}

/** ms of virtual time after the last fault in which every deposit must come to an end. */
const settleMs = 600_000

/** Plays a scenario under a plan, mends everything, waits until all has settled, and looks for a broken promise. */
export async function tryPlan(
  scenario: Scenario,
  set: VirtualSet,
  plan: Plan,
  alter?: (world: World) => World,
): Promise<Trial> {
  const events: Happening[] = []
  let mailboxes: MailboxIds = new Map()
  let mend = (): Promise<void> => Promise.resolve()
  const play = await playVirtually(scenario, {
    ...set,
    seed: plan.seed,
    diskMs: Math.max(0, ...plan.faults.map((fault) => (fault.kind === 'disk' ? fault.mostMs : 0))),
    links: plan.faults.flatMap((fault) => (fault.kind === 'link' ? [fault.rule] : [])),
    emit: () => undefined,
    watch: (_file, bus) => bus.subscribe((event) => events.push(event)),
    began: (lab) => {
      mend = inflict(lab, plan.faults)
    },
    async over(lab) {
      await mend()
      await settled(lab, events)
      mailboxes = await mailboxIds(lab, set)
    },
    ...(alter === undefined ? {} : { alter }),
  })
  const broken = brokenPromise(plan, play.result, events, mailboxes)
  return { ...play, events, ...(broken === undefined ? {} : { broken }) }
}

/** Lets everything happen in its time; the answer ends all of it. */
function inflict(lab: Lab, faults: readonly Fault[]): () => Promise<void> {
  const kills = faults.filter((fault) => fault.kind === 'kill')
  const starting: Promise<void>[] = []
  const down = new Set<Parameters<Lab['kill']>[0]>()
  let seen = 0
  const start = (role: Parameters<Lab['kill']>[0]): void => {
    if (!down.delete(role)) return
    const started = lab.restart(role)
    // Whoever mends hears of it; until then nobody does.
    started.catch(() => undefined)
    starting.push(started)
  }
  const stop = lab.bus.subscribe(() => {
    const now = seen++
    for (const { role, power, downMs, atEvent } of kills) {
      if (atEvent !== now || down.has(role)) continue
      down.add(role)
      lab.kill(role, power)
      lab.clock.after(downMs, () => start(role))
    }
  })
  for (const fault of faults) if (fault.kind === 'smtp') lab.injectSmtpFault(fault)
  return async () => {
    stop()
    for (const role of down) start(role)
    await Promise.all(starting)
  }
}

async function settled(lab: Lab, events: readonly Happening[]): Promise<void> {
  const end = lab.clock.now() + settleMs
  while (unsettled(events).length > 0 && lab.clock.now() < end) await pause(lab.clock, 1000)
  // What a crash left half-sent may still arrive, and must not arrive twice.
  await pause(lab.clock, 60_000)
}

const pause = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))

async function mailboxIds(lab: Lab, { file }: VirtualSet): Promise<MailboxIds> {
  const ids = new Map<string, readonly string[]>()
  for (const mailbox of [...file.mailboxes.map(({ number }) => number), `postmaster@${file.exchange.domain}`]) {
    const mails = await lab.mails(mailbox)
    const read = await Promise.all(mails.map(({ message }) => readMail(message)))
    ids.set(
      mailbox,
      read.map(({ headers }) => headers.get('message-id') ?? ''),
    )
  }
  return ids
}
