import { digitEvents } from './telephone-event.ts'
import type { EventPacket } from './telephone-event.ts'

/** Ticks of silence after each digit. */
const pauseTicks = 3

/** What a tick carries: a packet of a digit, or the pause after it. */
export type DigitStep = EventPacket | 'pause'

interface Job {
  readonly steps: DigitStep[]
  readonly sent: () => void
}

/** Digits waiting to be sent, one step a tick, in the order they were asked for. */
export class DigitSender {
  readonly #jobs: Job[] = []

  /** `sent` is called once: after the last step, or at `stop`. */
  add(digits: string, sent: () => void): void {
    const pause = Array<DigitStep>(pauseTicks).fill('pause')
    this.#jobs.push({ steps: Array.from(digits).flatMap((digit) => [...digitEvents(digit), ...pause]), sent })
  }

  next(): DigitStep | undefined {
    for (;;) {
      const job = this.#jobs[0]
      const step = job?.steps.shift()
      if (job === undefined || step !== undefined) return step
      this.#jobs.shift()
      job.sent()
    }
  }

  stop(): void {
    for (const job of this.#jobs.splice(0)) job.sent()
  }
}
