import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../kernel/clock.ts'
import { systemRandom } from '../kernel/random.ts'
import { createMediaEngine } from '../media/engine.ts'
import type { MediaCommand } from '../media/messages.ts'
import { createNetwork } from '../net/network.ts'
import { diskStore } from '../store/disk.ts'
import type { FromMediaWorker, MediaWorkerData } from './media-host.ts'
import { oncePerSecond } from './once-per-second.ts'

/** The media worker's entry: net's datagrams, store's disk and media's engine, in a thread of their own. */

const { recordings } = workerData as MediaWorkerData
const say = (message: FromMediaWorker): void => parentPort?.postMessage(message)

const report = oncePerSecond(systemClock, (text) => {
  say({ type: 'event', event: { type: 'media.failed', media: 'network', text } })
})

const engine = createMediaEngine({
  network: createNetwork({
    clock: systemClock,
    emit: (event) => report('text' in event ? (event.text ?? event.type) : event.type),
  }),
  store: diskStore(recordings),
  clock: systemClock,
  random: systemRandom,
  reply: say,
})

parentPort?.on('message', (command: MediaCommand) => engine.handle(command))
say({ type: 'ready' })
