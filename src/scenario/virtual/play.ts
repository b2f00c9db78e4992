import { ManualClock } from '../../kernel/clock.ts'
import { PosternError, messageOf } from '../../kernel/errors.ts'
import { seededRandom } from '../../kernel/random.ts'
import type { LinkRule } from '../../net/memory/link.ts'
import type { Sounds } from '../../lab/audio.ts'
import type { Lab } from '../../lab/face.ts'
import type { LabFile } from '../../lab/schema.ts'
import { certificatesFrom, type CertificateSets } from '../../lab/virtual/certificates.ts'
import { inVirtualTime } from '../../lab/virtual/time.ts'
import { WireLog } from '../../lab/virtual/wire-log.ts'
import { virtualWorld } from '../../lab/virtual/world.ts'
import type { World } from '../../lab/world.ts'
import type { Scenario } from '../load.ts'
import { brokenResult, playScenario, type Stage } from '../play.ts'
import type { ScenarioResult } from '../result.ts'

/** What all virtual plays of a run share: plain data, it crosses into worker threads. */
export interface VirtualSet {
  readonly file: LabFile
  readonly sounds: Sounds
  readonly certificates: CertificateSets
}

/** How one play differs from another. */
export interface VirtualOrder {
  readonly seed: number | string
  /** How the network treats what it carries. */
  readonly links?: readonly LinkRule[]
  /** ms that each step of a disk takes at most. */
  readonly diskMs?: number
}

export interface VirtualStage extends VirtualSet, VirtualOrder {
  readonly emit: Stage['emit']
  readonly watch?: Stage['watch']
  /** Called when the lab stands, before the first step. */
  readonly began?: (lab: Lab) => void
  /** Called when the scenario is over, before its lab is closed. */
  readonly over?: (lab: Lab) => Promise<void>
  /** A world of another make, for tests that plant a defect. */
  readonly alter?: (world: World) => World
}

export interface VirtualPlay {
  readonly result: ScenarioResult
  readonly wire: WireLog
}

/** The wall clock at which a virtual scenario starts, unless it says: a Monday morning. */
export const epoch = Date.UTC(2026, 0, 5, 9)

/** ms after the time that a scenario may take in which all must be over: for what ends it, and for what is looked at then. */
const graceMs = 3_600_000

/** Plays one scenario in a virtual world of its own, in this thread. Never rejects: whatever breaks is a verdict. */
export async function playVirtually(scenario: Scenario, stage: VirtualStage): Promise<VirtualPlay> {
  const clock = new ManualClock(startOf(scenario))
  const wire = new WireLog(() => clock.now())
  const { seed, links = [], diskMs = 0 } = stage
  const made = virtualWorld({ clock, seed, links, diskMs, tap: wire.tap })
  const world = stage.alter?.(made) ?? made
  let step = 'before its first step'
  try {
    const result = await inVirtualTime(
      { clock, random: seededRandom(`${seed} libraries`), limitMs: scenario.file.takes + graceMs },
      () =>
        playScenario(scenario, {
          virtual: true,
          file: stage.file,
          sounds: stage.sounds,
          world,
          certificates: certificatesFrom(stage.certificates, startOf(scenario)),
          folder: () => Promise.resolve({ path: '', remove: () => Promise.resolve() }),
          emit(event) {
            if (event.type === 'scenario.step') step = `at step ${event.index + 1}, ${event.text}`
            stage.emit(event)
          },
          ...(stage.watch === undefined ? {} : { watch: stage.watch }),
          ...(stage.began === undefined ? {} : { began: stage.began }),
          ...(stage.over === undefined ? {} : { over: stage.over }),
        }),
    )
    return { result, wire }
  } catch (thrown) {
    const where = new PosternError('lab-broken', `${step}: ${messageOf(thrown)}`, { cause: thrown })
    const result = brokenResult(scenario, where, startOf(scenario), clock.now())
    stage.emit({ type: 'scenario.finished', result })
    return { result, wire }
  }
}

/** Wall ms at which it starts. */
export const startOf = ({ file: { given } }: Scenario): number =>
  given.date === undefined ? epoch : Date.parse(given.date)
