import type { GreetingSettings } from './greeting.ts'

/** One subscriber as the voicemail service knows them. */
export interface Mailbox {
  /** The number that calls are diverted from. */
  readonly number: string
  readonly name: string
  /** Where the mail goes. Exchange mailboxes only (facts 3.4). */
  readonly smtp: string
  readonly settings: GreetingSettings
  readonly greetings: GreetingAudio
}

/** Custom recordings as last fetched: PCM16 mono at 8 kHz. */
export interface GreetingAudio {
  readonly standard?: Int16Array
  readonly oof?: Int16Array
}

/** The prompts of the service itself, for mailboxes that recorded none. */
export interface SystemPrompts {
  readonly standard: Int16Array
  readonly oof: Int16Array
}
