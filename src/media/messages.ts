import type { Address } from '../kernel/address.ts'
import type { MediaEvent } from './events.ts'
import type { MediaStream, MediaSummary, OpenOrder, Recorded, RecordOrder } from './face.ts'

/** What crosses between the media port and the engine: plain data that survives a structured clone. */

/** What the engine is told. `media` names a leg; `request` names one thing asked of it, unique within the leg. */
export type MediaCommand =
  | { readonly type: 'open'; readonly media: string; readonly order: OpenOrder }
  | { readonly type: 'connect'; readonly media: string; readonly stream: MediaStream }
  | { readonly type: 'play'; readonly media: string; readonly request: number; readonly pcm: Int16Array }
  | { readonly type: 'stop-playing'; readonly media: string }
  | { readonly type: 'send-digits'; readonly media: string; readonly request: number; readonly digits: string }
  | { readonly type: 'record'; readonly media: string; readonly request: number; readonly order: RecordOrder }
  | { readonly type: 'stop-recording'; readonly media: string; readonly request: number }
  | { readonly type: 'bridge'; readonly media: string; readonly other: string }
  | { readonly type: 'close'; readonly media: string }
  /** Closes every leg; answered by `ended`, after which nothing follows. */
  | { readonly type: 'end' }

/** What the engine says. Everything asked is answered, whatever became of the leg. */
export type MediaReply =
  | { readonly type: 'opened'; readonly media: string; readonly address: Address }
  | { readonly type: 'open-failed'; readonly media: string; readonly text: string }
  | { readonly type: 'played'; readonly media: string; readonly request: number; readonly complete: boolean }
  | { readonly type: 'digits-sent'; readonly media: string; readonly request: number }
  | { readonly type: 'recorded'; readonly media: string; readonly request: number; readonly recorded: Recorded }
  | { readonly type: 'digit'; readonly media: string; readonly digit: string }
  | { readonly type: 'tone'; readonly media: string; readonly frequencyHz: number; readonly ms: number }
  | { readonly type: 'closed'; readonly media: string; readonly summary: MediaSummary }
  /** For the bus. */
  | { readonly type: 'event'; readonly event: MediaEvent }
  | { readonly type: 'ended' }

export type Reply = (reply: MediaReply) => void
