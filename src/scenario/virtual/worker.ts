import { parentPort, workerData } from 'node:worker_threads'
import type { Happening } from '../../lab/events.ts'
import type { FromWorker, Job, WorkerSetup } from './messages.ts'
import { playVirtually } from './play.ts'

/** A worker thread's entry: plays scenarios in virtual time, one after the other. */

const setup = workerData as WorkerSetup
const say = (message: FromWorker): void => parentPort?.postMessage(message)
let last: Promise<void> = Promise.resolve()

async function play({ id, scenario: place, ...order }: Job): Promise<void> {
  const scenario = setup.scenarios[place]
  if (scenario === undefined) return
  const events: Happening[] = []
  const { result, wire } = await playVirtually(scenario, {
    ...setup,
    ...order,
    emit: (event) => {
      if (event.type !== 'scenario.finished') say({ type: 'said', id, event })
    },
    watch: (_file, bus) => bus.subscribe((event) => events.push(event)),
  })
  say({ type: 'played', id, result, events, ...(setup.wireLog ? { wire: wire.text() } : {}) })
}

parentPort?.on('message', (job: Job) => {
  last = last.then(() => play(job))
})
say({ type: 'ready' })
