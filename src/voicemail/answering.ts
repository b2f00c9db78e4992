import type { Leg } from '../call/leg.ts'
import { beep } from '../media/ears/tone.ts'
import type { Recorded, Recording } from '../media/face.ts'
import type { Deposit, Deposits } from './deposits.ts'
import { recordingOf } from './deposits.ts'
import type { VoicemailEvent } from './events.ts'
import { chooseGreeting, needsOof, type Fallback, type OofKnowledge } from './greeting.ts'
import type { Mailbox, SystemPrompts } from './mailbox.ts'
import type { Emit } from '../kernel/bus.ts'

/** Limits of one recording in ms (facts 2.5, 3.2), and what ends it. */
export interface RecordingLimits {
  readonly maxMs: number
  readonly silenceMs: number
  readonly stopDigits: string
  /** A loss of power takes so much of it at most. */
  readonly syncMs?: number
}

export interface AnsweringOrder {
  readonly deposit: Deposit
  readonly mailbox: Mailbox
  readonly prompts: SystemPrompts
  readonly fallback: Fallback
  readonly limits: RecordingLimits
  /** Asks the mailbox's server whether automatic replies are on. Never rejects, and answers within its own time limit. */
  readonly oof: (smtp: string) => Promise<OofKnowledge>
  readonly deposits: Deposits
  readonly emit: Emit<VoicemailEvent>
}

/** One answered call: greeting, tone, recording, and the message made safe however the call ends. */
export class Answering {
  readonly #order: AnsweringOrder
  #recording: Recording | undefined
  #hungUp = false
  #finished: Promise<void> | undefined

  constructor(order: AnsweringOrder) {
    this.#order = order
  }

  /** The caller hung up: resolves when what was said is safe on disk, so that the BYE may be answered. */
  async hungUp(): Promise<void> {
    this.#hungUp = true
    const recorded = await this.#recording?.stop()
    await this.#finish(recorded)
  }

  /** Runs the call until it is over and its message settled. Where the media fails, it ends: no caller is left in silence. */
  async run(leg: Leg): Promise<void> {
    const over = leg.ended.then(() => this.hungUp())
    const heard = (await this.#greet(leg)) && (await leg.media.play(beep()))
    if (heard && !this.#hungUp) await this.#record(leg)
    await this.#leave(leg)
    await over
  }

  async #record(leg: Leg): Promise<void> {
    const { deposit, emit, limits } = this.#order
    this.#recording = leg.media.record({ name: recordingOf(deposit.id), ...limits })
    emit({ type: 'voicemail.recording', callId: deposit.callId, deposit: deposit.id })
    const recorded = await this.#recording.finished
    await this.#finish(recorded)
  }

  /** No BYE of ours while the caller's own waits for its answer. */
  async #leave(leg: Leg): Promise<void> {
    if (!this.#hungUp) await leg.hangUp()
  }

  async #greet(leg: Leg): Promise<boolean> {
    const { deposit, mailbox, prompts, fallback, emit } = this.#order
    const { settings, greetings } = mailbox
    const oof = needsOof(settings) ? await this.#order.oof(mailbox.smtp) : ({ known: true, active: false } as const)
    if (this.#hungUp) return false
    const recorded = { standard: greetings.standard !== undefined, oof: greetings.oof !== undefined }
    const choice = chooseGreeting(settings, oof, recorded, fallback)
    emit({ type: 'voicemail.greeting', callId: deposit.callId, deposit: deposit.id, choice })
    const custom = choice.source === 'custom' ? greetings[choice.kind] : undefined
    return leg.media.play(custom ?? prompts[choice.kind])
  }

  /** Once, whoever comes first: the caller's BYE or the end of the recording. */
  #finish(recorded: Recorded | undefined): Promise<void> {
    this.#finished ??= this.#settle(recorded)
    return this.#finished
  }

  async #settle(recorded: Recorded | undefined): Promise<void> {
    const { deposit, deposits, emit } = this.#order
    if (recorded !== undefined) {
      emit({ type: 'voicemail.recorded', deposit: deposit.id, ms: recorded.ms, end: recorded.end })
    }
    await deposits.finish(deposit)
  }
}
