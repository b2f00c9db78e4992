import { parentPort, workerData } from 'node:worker_threads'
import type { Happening } from '../../lab/events.ts'
import { tryPlan } from '../explore/trial.ts'
import type { Scenario } from '../load.ts'
import type { FromWorker, Job, Played, WorkerSetup } from './messages.ts'
import { playVirtually } from './play.ts'

/** A worker thread's entry: plays scenarios in virtual time, one after the other. */

const setup = workerData as WorkerSetup
const say = (message: FromWorker): void => parentPort?.postMessage(message)
let last: Promise<void> = Promise.resolve()

async function play(scenario: Scenario, { id, seed, plan }: Job): Promise<Played> {
  if (plan !== undefined) {
    const { broken, result, events, wire } = await tryPlan(scenario, setup, plan)
    return broken === undefined ? { result, events: [] } : { result, events, broken, wire: wire.text() }
  }
  const events: Happening[] = []
  const { result, wire } = await playVirtually(scenario, {
    ...setup,
    seed,
    emit: (event) => {
      if (event.type !== 'scenario.finished') say({ type: 'said', id, event })
    },
    watch: (_file, bus) => bus.subscribe((event) => events.push(event)),
  })
  return { result, events, ...(setup.wireLog ? { wire: wire.text() } : {}) }
}

async function answer(job: Job): Promise<void> {
  const scenario = setup.scenarios[job.scenario]
  if (scenario !== undefined) say({ type: 'played', id: job.id, ...(await play(scenario, job)) })
}

parentPort?.on('message', (job: Job) => {
  last = last.then(() => answer(job))
})
say({ type: 'ready' })
