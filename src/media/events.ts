import type { RecordEnd } from './face.ts'

/** What media says; packets never stand here. `media` names the leg. */
export type MediaEvent =
  | { readonly type: 'media.opened'; readonly media: string; readonly address: string }
  /** Packets come from elsewhere than the SDP said, and ours go there from now on. */
  | { readonly type: 'media.latched'; readonly media: string; readonly address: string }
  | { readonly type: 'media.digit'; readonly media: string; readonly digit: string }
  | {
      readonly type: 'media.recorded'
      readonly media: string
      readonly name: string
      readonly end: RecordEnd
      readonly ms: number
    }
  | { readonly type: 'media.rejected'; readonly media: string; readonly reason: string; readonly count: number }
  /** This machine fell behind: media stood still for so many ms, and what was heard meanwhile may have gaps. */
  | { readonly type: 'media.late'; readonly ms: number }
  /** Something was not done, and why: a recording the disk refused, digits nobody agreed to, the end of the worker. */
  | { readonly type: 'media.failed'; readonly media: string; readonly text: string }
  | {
      readonly type: 'media.closed'
      readonly media: string
      readonly sent: number
      readonly received: number
      readonly lost: number
      readonly rejected: number
    }
