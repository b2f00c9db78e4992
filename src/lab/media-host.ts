import type { Worker } from 'node:worker_threads'
import type { Emit } from '../kernel/bus.ts'
import { systemClock } from '../kernel/clock.ts'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { createMediaPort } from '../media/client.ts'
import type { EngineLink } from '../media/client.ts'
import type { MediaEvent } from '../media/events.ts'
import type { MediaPort } from '../media/face.ts'
import type { MediaCommand, MediaReply } from '../media/messages.ts'
import { startThread } from './thread.ts'

export interface MediaWorkerData {
  readonly recordings: string
}

export type FromMediaWorker = MediaReply | { readonly type: 'ready' }

export interface MediaWorkerOrder {
  /** Folder in which recordings grow. */
  readonly recordings: string
  readonly emit: Emit<MediaEvent>
}

/** A worker that says nothing for so long after it was told to end is stopped: more than a recording may take to close. */
const endMs = 10_000

/** Media in a worker thread. @throws PosternError media-open when the worker does not start */
export async function startMediaWorker({ recordings, emit }: MediaWorkerOrder): Promise<MediaPort> {
  const data: MediaWorkerData = { recordings }
  const worker = startThread(new URL('./media-worker', import.meta.url), data)
  await ready(worker)
  return createMediaPort(linkTo(worker), emit)
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: unknown): void =>
      reject(new PosternError('media-open', `the media worker did not start: ${messageOf(why)}`, { cause: why }))
    worker.once('message', () => {
      worker.off('error', fail)
      resolve()
    })
    worker.once('error', fail)
    worker.once('exit', () => fail('it ended'))
  })
}

function linkTo(worker: Worker): EngineLink {
  let cancel = (): void => undefined
  let lost: (text: string) => void = () => undefined
  const giveUp = (): void => {
    lost(`the media worker did not end within ${endMs} ms`)
    void worker.terminate()
  }
  return {
    post(command) {
      if (command.type === 'end') cancel = systemClock.after(endMs, giveUp)
      post(worker, command)
    },
    subscribe(receive, onLost) {
      lost = onLost
      worker.on('message', receive)
      worker.on('error', (failure) => lost(`the media worker failed: ${messageOf(failure)}`))
      worker.on('exit', () => {
        cancel()
        lost('the media worker has ended')
      })
    },
    async dispose() {
      cancel()
      await worker.terminate()
    },
  }
}

/** Samples are copied once and handed over; the caller's own stay as they are. */
function post(worker: Worker, command: MediaCommand): void {
  if (command.type !== 'play') {
    worker.postMessage(command)
    return
  }
  const pcm = command.pcm.slice()
  worker.postMessage({ ...command, pcm }, [pcm.buffer])
}
