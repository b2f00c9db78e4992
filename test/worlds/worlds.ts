import { loadLab } from '../../src/lab/load.ts'
import { createCertificates } from '../../src/lab/certificates.ts'
import { realWorld } from '../../src/lab/world.ts'
import { readMail } from '../../src/mail/read.ts'
import { readWav } from '../../src/media/wav.ts'
import { findScenarios, loadScenario } from '../../src/scenario/load.ts'
import type { ScenarioResult } from '../../src/scenario/result.ts'
import { playSuite } from '../../src/scenario/suite.ts'
import { virtualOnly } from '../../src/scenario/virtual-only.ts'
import { playVirtualSuite } from '../../src/scenario/virtual/suite.ts'
import { temporaryFolder } from '../support/stage.ts'

/** What must be the same in both worlds of one scenario: not its dates, identifiers and times. */
export interface Essence {
  readonly verdict: string
  readonly steps: readonly string[]
  readonly heard: readonly string[]
  readonly mails: readonly object[]
}

export async function essenceOf(result: ScenarioResult): Promise<Essence> {
  return {
    verdict: result.verdict,
    steps: result.steps.map((step) => `${step.verdict} ${step.text}`),
    heard: result.calls.flatMap((call) => call.transcript.map(({ name }) => name)),
    mails: await Promise.all(
      result.mails.map(async ({ mailbox, message }) => {
        const { kind, caller, headers, text, wav } = await readMail(message)
        return {
          mailbox,
          kind,
          caller,
          headers: [...headers.keys()],
          class: headers.get('content-class'),
          text: text.replace(/\d{4}-\d\d-\d\d[^\n]*|\b\d+ seconds?\b/g, '…'),
          recordings: wav === undefined ? 0 : 1,
        }
      }),
    ),
  }
}

/** s that a recording takes, by scenario; what ends it is up to a second of real time apart. */
export const secondsRecorded = async (result: ScenarioResult): Promise<readonly number[]> => {
  const mails = await Promise.all(result.mails.map(({ message }) => readMail(message)))
  return mails.flatMap(({ wav }) => {
    if (wav === undefined) return []
    const { samples, rate } = readWav(wav)
    return [samples.length / rate]
  })
}

export interface BothWorlds {
  readonly real: readonly ScenarioResult[]
  readonly virtual: readonly ScenarioResult[]
}

/** Plays the shipped scenarios that can be played on sockets, there and in virtual time. */
export async function playBoth(): Promise<BothWorlds> {
  const { file, sounds } = await loadLab('labs/embedded.yaml')
  const all = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))
  const scenarios = all.filter((s) => virtualOnly(s) === undefined)
  const emit = (): void => undefined
  const certificates = await createCertificates(realWorld)
  const real = await playSuite(
    scenarios,
    { file, sounds, emit, world: realWorld, certificates, folder: temporaryFolder },
    8,
  )
  const virtual = await playVirtualSuite(scenarios, { file, sounds, emit, seed: 1, jobs: 2, clock: realWorld.clock })
  return { real, virtual }
}
