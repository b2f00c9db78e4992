import type { Happening, LabEvent } from '../../src/lab/events.ts'

export type Said = readonly [station: string, event: LabEvent]

/** Events as they would stand on the bus, numbered from 1. */
export const happenings = (...events: readonly Said[]): readonly Happening[] =>
  events.map(([station, event], i) => ({ ...event, seq: i + 1, at: i, wall: i, station }))
