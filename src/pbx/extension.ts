/** An extension of the mock PBX and how its telephone behaves. */
export interface Extension {
  readonly number: string
  readonly behaviour: 'rings' | 'answers' | 'busy'
  /** ms of ringing: until it is answered, or until nobody has and the call is diverted. */
  readonly ringMs: number
  /** What it says once answered, over and over: PCM16 mono at 8 kHz. */
  readonly talk?: Int16Array
}

/** RFC 5806 §4: why a call leaves the extension it was for. */
export type DiversionReason = 'no-answer' | 'user-busy' | 'unconditional'

/** What becomes of a call to a number. */
export type Decision =
  | { readonly do: 'answer'; readonly extension: Extension }
  | { readonly do: 'ring-then-divert'; readonly extension: Extension }
  | { readonly do: 'divert'; readonly extension: Extension; readonly reason: DiversionReason }
  /** A call to the pilot itself: to voicemail, diverted by nobody. */
  | { readonly do: 'trunk' }
  | { readonly do: 'refuse'; readonly status: 404; readonly text: string }

/** The dial plan: a number called, and what the PBX does with it. */
export function decide(number: string, extensions: readonly Extension[], pilot: string): Decision {
  const extension = extensions.find((e) => e.number === number)
  if (extension === undefined) {
    return number === pilot ? { do: 'trunk' } : { do: 'refuse', status: 404, text: `no extension ${number}` }
  }
  switch (extension.behaviour) {
    case 'answers':
      return { do: 'answer', extension }
    case 'busy':
      return { do: 'divert', extension, reason: 'user-busy' }
    case 'rings':
      return { do: 'ring-then-divert', extension }
  }
}
