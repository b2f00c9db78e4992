import type { GreetingChoice } from './greeting.ts'

/** What the voicemail service says. `deposit` is the identifier of one call taken, from answer to mailbox. */
export type VoicemailEvent =
  | { readonly type: 'voicemail.refused'; readonly callId: string; readonly status: number; readonly text: string }
  | {
      readonly type: 'voicemail.answered'
      readonly callId: string
      readonly deposit: string
      readonly mailbox: string
      readonly caller: string
    }
  | {
      readonly type: 'voicemail.greeting'
      readonly callId: string
      readonly deposit: string
      readonly choice: GreetingChoice
    }
  | { readonly type: 'voicemail.recording'; readonly callId: string; readonly deposit: string }
  | { readonly type: 'voicemail.recorded'; readonly deposit: string; readonly ms: number; readonly end: string }
  | {
      readonly type: 'voicemail.spooled'
      readonly deposit: string
      readonly kind: 'voice' | 'missed-call'
      readonly messageId: string
      readonly recovered: boolean
    }
  /** The message could not be made safe now; its recording stays on disk for the next start. */
  | { readonly type: 'voicemail.kept'; readonly deposit: string; readonly text: string }
