import { isToken } from './grammar.ts'

export interface CSeq {
  /** Less than 2^31 (RFC 3261 §8.1.1.5). */
  readonly number: number
  readonly method: string
}

/** Reads a CSeq value; `undefined` when missing or malformed. */
export function parseCSeq(value: string | undefined): CSeq | undefined {
  const [, digits, method] = /^\s*(\d{1,20})\s+(\S+)\s*$/.exec(value ?? '') ?? []
  if (method === undefined || !isToken(method) || Number(digits) >= 2 ** 31) return undefined
  return { number: Number(digits), method }
}
