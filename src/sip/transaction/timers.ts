/** RFC 3261 §17.1.1.1 base values in ms, and ours; a lab may shorten them, so they are handed in. */
export interface TimerTable {
  readonly t1: number
  readonly t2: number
  readonly t4: number
  /** RFC 3261 §16.6 timer C: the longest wait for a final response to INVITE after the last provisional one. */
  readonly c: number
  /** The longest a service may hold back the 200 to a BYE. */
  readonly byeAnswer: number
  /** The longest wait for a TCP or TLS connection to stand. */
  readonly connect: number
}

export const rfcTimers: TimerTable = { t1: 500, t2: 4000, t4: 5000, c: 180_000, byeAnswer: 5000, connect: 4000 }
