import { ManualClock } from '../../src/kernel/clock.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { Store } from '../../src/kernel/store.ts'
import type { Spool, Submission } from '../../src/mail/spool.ts'
import { fromPcm16 } from '../../src/media/wav.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { Deposits, recordingOf, type Deposit } from '../../src/voicemail/deposits.ts'
import type { VoicemailEvent } from '../../src/voicemail/events.ts'

export const deposit: Deposit = {
  id: 'd1',
  callId: 'call@pbx',
  mailbox: { number: '1001', name: 'Anna Berg', smtp: 'anna.berg@postern.test' },
  caller: { number: '+4533120100', name: 'Carl Jensen' },
  at: Date.UTC(2026, 0, 2, 12),
}

/** A spool that keeps what it is given, or refuses. */
export class FakeSpool implements Spool {
  readonly pending = 0
  readonly submitted: Submission[] = []
  /** What the recordings store held when each message came. */
  readonly stood: (readonly string[])[] = []
  refusing = false
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async submit(submission: Submission): Promise<void> {
    this.stood.push(await this.#store.list(''))
    if (this.refusing) throw new PosternError('store-failed', 'no space left')
    this.submitted.push(submission)
  }

  idle(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

export interface Desk {
  readonly store: Store
  readonly spool: FakeSpool
  readonly events: VoicemailEvent[]
  readonly deposits: Deposits
  /** Puts ms of sound where the recorder would. */
  record(id: string, ms: number): Promise<void>
}

/** Deposits over a disk in memory and a spool that can refuse. */
export function desk(store: Store = memoryStore()): Desk {
  const spool = new FakeSpool(store)
  const events: VoicemailEvent[] = []
  const deposits = new Deposits({
    store,
    spool,
    clock: new ManualClock(),
    emit: (event) => void events.push(event),
    host: 'voicemail.edge.test',
    sender: 'voicemail@postern.test',
    tooShortMs: 2000,
  })
  const record = (id: string, ms: number): Promise<void> =>
    store.write(recordingOf(id), fromPcm16(Int16Array.from({ length: ms * 8 }, (_, i) => (i % 100) * 100)))
  return { store, spool, events, deposits, record }
}
