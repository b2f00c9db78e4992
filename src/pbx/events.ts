/** What the PBX says. `callId` is the caller's, `legCallId` that of the call it makes in its turn. */
export type PbxEvent =
  | { readonly type: 'pbx.ringing'; readonly callId: string; readonly extension: string; readonly caller: string }
  | { readonly type: 'pbx.answered'; readonly callId: string; readonly extension: string }
  | {
      readonly type: 'pbx.diverted'
      readonly callId: string
      readonly legCallId: string
      readonly extension: string
      readonly reason: string
    }
  | { readonly type: 'pbx.refused'; readonly callId: string; readonly status: number; readonly text: string }
