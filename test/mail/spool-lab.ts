import { Bus, type Stamped } from '../../src/kernel/bus.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { Envelope, SmtpOutcome, SmtpReply } from '../../src/kernel/smtp.ts'
import type { Store } from '../../src/kernel/store.ts'
import type { MailEvent } from '../../src/mail/events.ts'
import { openSpool, type Spool, type SpoolOrder, type Submission } from '../../src/mail/spool.ts'

export const accepted: SmtpOutcome = { outcome: 'accepted', reply: { code: 250, enhanced: '2.0.0', text: 'queued' } }
export const unreachable: SmtpOutcome = { outcome: 'unreachable', text: 'connection refused: 127.0.0.1:25' }
export const answer = (code: number, enhanced: string, text: string): SmtpOutcome => {
  const reply: SmtpReply = { code, enhanced, text }
  return { outcome: code < 500 ? 'deferred' : 'refused', reply }
}

export const mail = (id: string, to: readonly string[] = ['ann@contoso.example']): Submission => ({
  id,
  envelope: { from: 'um@contoso.example', to },
  message: Buffer.from(`Subject: ${id}\r\n\r\nbody of ${id}`),
})

/** An answer that comes when told to. */
export function held(): { promise: Promise<SmtpOutcome>; resolve: (outcome: SmtpOutcome) => void } {
  let resolve: (outcome: SmtpOutcome) => void = () => undefined
  const promise = new Promise<SmtpOutcome>((settle) => (resolve = settle))
  return { promise, resolve }
}

export interface Sent {
  readonly envelope: Envelope
  readonly text: string
}

/** A spool, a server that answers from a list (then accepts), and what was said. */
export class SpoolLab {
  readonly clock = new ManualClock()
  readonly bus = new Bus<MailEvent>(this.clock)
  readonly events: Stamped<MailEvent>[] = []
  readonly sent: Sent[] = []
  readonly answers: (SmtpOutcome | Promise<SmtpOutcome>)[] = []

  constructor() {
    this.bus.subscribe((event) => this.events.push(event))
  }

  readonly send = async (envelope: Envelope, message: Uint8Array): Promise<SmtpOutcome> => {
    this.sent.push({ envelope, text: Buffer.from(message).toString() })
    return this.answers.shift() ?? accepted
  }

  open(store: Store, more: Partial<SpoolOrder> = {}): Promise<Spool> {
    return openSpool({
      store,
      clock: this.clock,
      random: seededRandom('spool'),
      send: this.send,
      emit: this.bus.from('voicemail'),
      postmaster: 'postmaster@contoso.example',
      host: 'um.contoso.example',
      ...more,
    })
  }

  /** Resolves with the `count`th event of this type, those before the call included. */
  async until<T extends MailEvent['type']>(type: T, count = 1): Promise<Stamped<Extract<MailEvent, { type: T }>>> {
    for (;;) {
      const found = this.events.filter(
        (event): event is Stamped<Extract<MailEvent, { type: T }>> => event.type === type,
      )[count - 1]
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        const stop = this.bus.subscribe(() => {
          stop()
          resolve()
        })
      })
    }
  }

  /** The types of what was said, without the `mail.`. */
  log(): string[] {
    return this.events.map(({ type }) => type.replace('mail.', ''))
  }
}
