import { expect } from 'chai'
import { checkText } from '../../../src/lab/document.ts'
import { certificatesBeforehand } from '../../../src/lab/virtual/certificates.ts'
import type { World } from '../../../src/lab/world.ts'
import type { Scenario } from '../../../src/scenario/load.ts'
import type { RunEvent } from '../../../src/scenario/result.ts'
import { scenarioSchema } from '../../../src/scenario/schema.ts'
import { epoch, playVirtually, type VirtualPlay, type VirtualStage } from '../../../src/scenario/virtual/play.ts'
import { passing } from '../../support/virtually.ts'
import { virtualStage } from '../../support/stage.ts'

const scenarioOf = (text: string): Scenario => {
  const { value: file, lineOf } = checkText(`version: 1\nscenario: x\n${text}`, 's.yaml', scenarioSchema)
  return { path: 's.yaml', file, lines: file.steps.map((_, i) => lineOf(['steps', i])), sounds: new Map() }
}

const unknown = "steps:\n  - call: { from: '+4533120100', to: '9999' }\n  - refused: 404\n"

describe('a scenario in virtual time', () => {
  let said: RunEvent[]
  const play = async (text: string, more: Partial<VirtualStage> = {}): Promise<VirtualPlay> => {
    said = []
    return playVirtually(scenarioOf(text), { ...(await virtualStage()), emit: (event) => said.push(event), ...more })
  }

  it('begins on a Monday morning', async () => {
    const { result } = await play(unknown)
    expect(result).to.include({ verdict: 'passed', startedAt: epoch })
    expect(new Date(epoch).toUTCString()).to.equal('Mon, 05 Jan 2026 09:00:00 GMT')
  })

  it('begins at the date that is given', async () => {
    const start = Date.UTC(2026, 2, 28, 15)
    const { file } = await virtualStage()
    const certificates = await certificatesBeforehand(file, [start])
    const { result } = await play(`given: { date: 2026-03-28T16:00:00+01:00 }\n${unknown}`, { certificates })
    expect(result).to.include({ verdict: 'passed', startedAt: start })
  })

  it('is broken when nothing was made ready for its date', async () => {
    const { result } = await play(`given: { date: 2036-03-28T16:00:00+01:00 }\n${unknown}`)
    expect(result.verdict).to.equal('broken')
    expect(result.summary).to.match(/no certificates were made beforehand for 2036-03-28T15:00/)
  })

  it('lasts as long as the world says, however short it is here', async () => {
    const { result } = await play('takes: 3d\nsteps: [wait: 2d]')
    expect(result.verdict).to.equal('passed')
    expect(result.durationMs).to.be.within(2 * 86_400_000, 2 * 86_400_000 + 10_000)
  })

  it('writes a line for each datagram and each write', async () => {
    const { wire } = await play(unknown)
    expect(wire.text()).to.match(/^\d+\.\d{3} udp 127\.0\.10\.10:\d+ 127\.0\.10\.10:\d+ \d+ [0-9a-f]{16}$/m)
  })

  it('fails at the step at which it has taken longer than it may', async () => {
    const { result } = await play('takes: 10s\nsteps:\n  - wait: 4s\n  - wait: 7s\n  - wait: 1s\n')
    expect(result.verdict).to.equal('failed')
    expect(result.steps.map((step) => step.verdict)).to.deep.equal(['passed', 'failed', 'not-run'])
    expect(result.steps[1]).to.include({ text: '7 s pass', line: 6, expected: 'an end within 10 s' })
  })

  const dead = (world: World): World => ({
    ...world,
    clock: { now: () => world.clock.now(), wall: () => world.clock.wall(), after: () => () => undefined },
  })

  it('is broken at once when nothing is left that could end it, and the step is named', async () => {
    const { result } = await play('steps:\n  - wait: 1s\n', { alter: dead })
    expect(result.verdict).to.equal('broken')
    expect(result.error?.code).to.equal('lab-broken')
    expect(result.summary).to.match(/^at step 1, 1 s pass: nothing is left to happen, and it is not over/)
    expect(result.steps).to.deep.equal([{ text: '1 s pass', line: 4, verdict: 'not-run' }])
    expect(said.at(-1)).to.deep.equal({ type: 'scenario.finished', result })
  })

  it('is broken before its first step when the lab cannot stand', async () => {
    const { result } = await play(unknown, { began: () => expect.fail('the lab fell') })
    expect(result).to.include({ verdict: 'broken', summary: 'the lab fell' })
    const { result: waiting } = await play(unknown, {
      alter: (world) => ({ ...world, process: (name, host) => ({ ...world.process(name, host), media: () => never }) }),
    })
    expect(waiting.summary).to.match(/^before its first step: nothing is left to happen/)
  })

  it('is broken an hour after the time that it may take when it goes on without end', async () => {
    const { result } = await play(`takes: 10s\n${unknown}`, {
      async over({ clock }) {
        for (;;) await passing(clock, 60_000)
      },
    })
    expect(result.verdict).to.equal('broken')
    expect(result.summary).to.match(/^at step 2, the call is refused with 404: it was not over after 3610 s of virtual/)
    expect(result.durationMs).to.be.within(3_540_000, 3_610_000)
  })

  it('shows its lab before the first step and after the last', async () => {
    const order: string[] = []
    const stepped = (event: RunEvent): void => {
      if (event.type === 'scenario.step') order.push(event.text)
    }
    await play('steps: [wait: 1s]', {
      emit: stepped,
      began: () => order.push('began'),
      over: () => Promise.resolve(void order.push('over')),
    })
    expect(order).to.deep.equal(['began', '1 s pass', 'over'])
  })

  it('leaves the clock and the chance of this thread as they were', async () => {
    const { now } = Date
    const { random } = Math
    await play(unknown)
    await play('steps:\n  - wait: 1s\n', { alter: dead })
    expect([Date.now, Math.random]).to.deep.equal([now, random])
  })
})

const never = new Promise<never>(() => undefined)
