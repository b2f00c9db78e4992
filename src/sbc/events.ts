/** What the SBC says. `callId` is the call as it came in, `legCallId` as it goes on. */
export type SbcEvent =
  | {
      readonly type: 'sbc.routed'
      readonly callId: string
      readonly legCallId: string
      readonly number: string
      readonly to: 'inside' | 'outside'
    }
  | { readonly type: 'sbc.bridged'; readonly callId: string; readonly codec: string; readonly srtp: boolean }
  | { readonly type: 'sbc.refused'; readonly callId: string; readonly status: number; readonly text: string }
