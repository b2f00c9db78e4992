import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { checkText } from '../../src/lab/document.ts'
import { loadLab } from '../../src/lab/load.ts'
import { realWorld } from '../../src/lab/world.ts'
import type { Scenario } from '../../src/scenario/load.ts'
import { brokenResult, playScenario, type Stage } from '../../src/scenario/play.ts'
import type { RunEvent } from '../../src/scenario/result.ts'
import { scenarioSchema } from '../../src/scenario/schema.ts'
import { overall } from '../../src/scenario/suite.ts'

const text = 'version: 1\nscenario: A night\nsteps:\n  - kill: voicemail\n  - start: voicemail\n'
const scenario: Scenario = {
  path: 'night.yaml',
  file: checkText(text, 'night.yaml', scenarioSchema).value,
  lines: [4, 5],
  sounds: new Map(),
}
const steps = [
  { text: 'voicemail is killed', line: 4, verdict: 'not-run' },
  { text: 'voicemail starts', line: 5, verdict: 'not-run' },
]

/** A stage whose lab cannot be set up. */
async function stage(): Promise<Stage & { readonly log: RunEvent[] }> {
  const { file, sounds } = await loadLab('labs/embedded.yaml')
  const log: RunEvent[] = []
  return {
    file,
    sounds,
    world: realWorld,
    certificates: { anchor: '', identity: () => Promise.reject(new Error('none')) },
    folder: () => Promise.reject(new PosternError('store-failed', 'no room', { next: 'Make room.' })),
    emit: (event) => log.push(event),
    log,
  }
}

describe('a scenario that needs virtual time', () => {
  it('is skipped on a real stage, says why, and no lab is started', async () => {
    const real = await stage()
    const result = await playScenario(scenario, real)
    expect(result).to.deep.include({ name: 'A night', file: 'night.yaml', verdict: 'skipped', steps, calls: [] })
    expect(result.summary).to.equal('it kills a role; play it with --virtual')
    expect(result).not.to.have.property('error')
    expect(real.log.map((e) => e.type)).to.deep.equal(['scenario.started', 'scenario.finished'])
  })

  it('is played on a virtual one', async () => {
    const result = await playScenario(scenario, { ...(await stage()), virtual: true })
    expect(result).to.deep.include({ verdict: 'broken', summary: 'no room' })
  })

  it('leaves the verdict of the run to the others', async () => {
    const skipped = await playScenario(scenario, await stage())
    expect(overall([skipped])).to.equal('passed')
    expect(overall([skipped, { ...skipped, verdict: 'passed' }])).to.equal('passed')
    expect(overall([skipped, { ...skipped, verdict: 'failed' }])).to.equal('failed')
    expect(overall([skipped, { ...skipped, verdict: 'broken' }])).to.equal('broken')
  })
})

describe('a scenario that broke outside of its lab', () => {
  it('has a whole result, none of its steps run', () => {
    const thrown = new PosternError('interrupted', 'interrupted before it was over', { next: 'Run it again.' })
    expect(brokenResult(scenario, thrown, 1000, 20)).to.deep.equal({
      name: 'A night',
      file: 'night.yaml',
      startedAt: 1000,
      durationMs: 20,
      verdict: 'broken',
      steps,
      calls: [],
      mails: [],
      summary: 'interrupted before it was over',
      error: { code: 'interrupted', message: 'interrupted before it was over', next: 'Run it again.' },
    })
  })

  it('is a broken lab when what was thrown says no more', () => {
    const result = brokenResult(scenario, 'a thread ended', 0, 0)
    expect(result.error).to.deep.equal({ code: 'lab-broken', message: 'a thread ended' })
  })
})
