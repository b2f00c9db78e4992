import type { Clock } from '../kernel/clock.ts'
import type { Emit } from '../kernel/bus.ts'
import { messageOf } from '../kernel/errors.ts'
import type { Store } from '../kernel/store.ts'
import { composeMissedCall, composeVoiceMail } from '../mail/voice-mail.ts'
import type { Spool } from '../mail/spool.ts'
import { toPcm16, writeWav } from '../media/wav.ts'
import type { VoicemailEvent } from './events.ts'

/** What is known of a deposit when it is answered: enough to make its mail after a crash. */
export interface Deposit {
  readonly id: string
  readonly callId: string
  readonly mailbox: { readonly number: string; readonly name: string; readonly smtp: string }
  readonly caller: { readonly number: string; readonly name?: string }
  /** Wall ms of the answer. */
  readonly at: number
}

export interface DepositsOrder {
  readonly store: Store
  readonly spool: Spool
  readonly clock: Clock
  readonly emit: Emit<VoicemailEvent>
  /** Right-hand side of Message-IDs. */
  readonly host: string
  /** The address that voice mails come from. */
  readonly sender: string
  /** A recording shorter than this becomes a missed call (facts 2.5: a lab choice). */
  readonly tooShortMs: number
}

export const recordingOf = (id: string): string => `${id}.pcm`
const noteOf = (id: string): string => `${id}.json`
const bytesPerMs = 16

/**
 * Deposits on their way from recording to spool. A note stands on disk from the answer on, the recording beside it;
 * both are removed only once the spool has the message. Whatever is found at the next start is finished then.
 */
export class Deposits {
  readonly #order: DepositsOrder

  constructor(order: DepositsOrder) {
    this.#order = order
  }

  async begin(deposit: Deposit): Promise<void> {
    await this.#order.store.write(noteOf(deposit.id), Buffer.from(JSON.stringify(deposit)))
  }

  /**
   * Spools the voice mail, or a missed call where there is too little to hear. Never rejects: what fails is kept.
   * The note is removed first: a recording without one is not mistaken for a missed call at the next start.
   */
  async finish(deposit: Deposit, recovered = false): Promise<void> {
    const { store, emit } = this.#order
    try {
      const pcm = await store.read(recordingOf(deposit.id))
      const samples = toPcm16(pcm ?? new Uint8Array())
      const kind = samples.length * 2 < this.#order.tooShortMs * bytesPerMs ? 'missed-call' : 'voice'
      const messageId = await this.#submit(deposit, kind, samples)
      emit({ type: 'voicemail.spooled', deposit: deposit.id, kind, messageId, recovered })
      await store.remove(noteOf(deposit.id))
      await store.remove(recordingOf(deposit.id))
    } catch (thrown) {
      emit({ type: 'voicemail.kept', deposit: deposit.id, text: messageOf(thrown) })
    }
  }

  /**
   * Finishes what an earlier process left behind; answers how many deposits that were.
   * @throws PosternError store-failed when the folder cannot be read
   */
  async recover(): Promise<number> {
    const { store, emit } = this.#order
    let found = 0
    for (const name of await store.list('')) {
      if (!name.endsWith('.json')) continue
      const deposit = readNote(name, await store.read(name).catch(() => undefined))
      if (deposit === undefined) emit({ type: 'voicemail.kept', deposit: name, text: 'its note cannot be read' })
      else {
        found++
        await this.finish(deposit, true)
      }
    }
    return found
  }

  async #submit(deposit: Deposit, kind: 'voice' | 'missed-call', samples: Int16Array): Promise<string> {
    const { host, sender, spool } = this.#order
    const { id, caller, mailbox } = deposit
    const messageId = `${id}@${host}`
    const common = {
      from: sender,
      to: mailbox.smtp,
      callerNumber: caller.number,
      ...(caller.name === undefined ? {} : { callerName: caller.name }),
      calledName: mailbox.name,
      callId: deposit.callId,
      date: deposit.at,
      messageId,
      boundary: `postern-${id}`,
    }
    const durationSeconds = Math.max(1, Math.round(samples.length / 8000))
    const wav = writeWav(samples, 'PCMU')
    const message =
      kind === 'voice' ? await composeVoiceMail({ ...common, durationSeconds, wav }) : await composeMissedCall(common)
    await spool.submit({ id, envelope: { from: sender, to: [mailbox.smtp] }, message })
    return messageId
  }
}

/** The deposit of a note; `undefined` for anything that `begin` did not write under that name. */
function readNote(name: string, bytes: Uint8Array | undefined): Deposit | undefined {
  try {
    const note = JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) as Record<keyof Deposit, unknown>
    const mailbox = note.mailbox as Record<string, unknown>
    const caller = note.caller as Record<string, unknown>
    const texts = [
      note.callId,
      mailbox['number'],
      mailbox['name'],
      mailbox['smtp'],
      caller['number'],
      caller['name'] ?? '',
    ]
    const whole = texts.every((text) => typeof text === 'string') && Number.isFinite(note.at)
    return whole && name === noteOf(String(note.id)) ? (note as unknown as Deposit) : undefined
  } catch {
    return undefined
  }
}
