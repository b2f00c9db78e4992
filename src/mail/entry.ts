import { createHash } from 'node:crypto'
import type { Envelope } from '../kernel/smtp.ts'

/** What the spool knows of one message to one recipient, apart from its bytes. Times are ms since 1970-01-01T00:00Z. */
export interface SpoolEntry {
  readonly id: string
  /** Reverse-path; empty for non-delivery reports. */
  readonly from: string
  readonly to: string
  readonly note?: string
  readonly submitted: number
  readonly attempts: number
  /** The earliest time of the next attempt. */
  readonly next: number
}

const version = 1

/** The same message to the same recipient has the same key, so that a second submission finds the first. */
export function keyOf(id: string, to: string): string {
  return createHash('sha256')
    .update(JSON.stringify([id, to]))
    .digest('hex')
    .slice(0, 40)
}

export function envelopeOf({ from, to }: SpoolEntry): Envelope {
  return { from, to: [to] }
}

export function encodeEntry(entry: SpoolEntry): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version, ...entry }, undefined, 2)}\n`)
}

/** `undefined` when the bytes are no entry of this version. */
export function decodeEntry(bytes: Uint8Array): SpoolEntry | undefined {
  const read = parsed(bytes)
  if (typeof read !== 'object' || read === null) return undefined
  const { id, from, to, note, submitted, attempts, next, ...rest } = read as Record<string, unknown>
  if (rest['version'] !== version) return undefined
  if (typeof id !== 'string' || typeof from !== 'string' || typeof to !== 'string' || to === '') return undefined
  if (!isCount(submitted) || !isCount(attempts) || !isCount(next)) return undefined
  return { id, from, to, ...(typeof note === 'string' && { note }), submitted, attempts, next }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
