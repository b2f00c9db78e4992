import type { Headers } from './headers.ts'
import { formatNameAddr, parseNameAddr, splitList } from './name-addr.ts'

/** Who redirected a call, and why: RFC 5806. */
export interface Diversion {
  readonly uri: string
  readonly display?: string
  /** In lower case: `no-answer`, `user-busy`, `unconditional` …; `unknown` when the header does not say. */
  readonly reason: string
  /** The others: `counter`, `limit`, `privacy`, `screen` and extensions. */
  readonly params: ReadonlyMap<string, string | undefined>
}

/** Every diversion, topmost (the latest) first; malformed ones are left out. */
export function readDiversions(headers: Headers): readonly Diversion[] {
  return headers.all('Diversion').flatMap(splitList).flatMap(read)
}

function read(value: string): readonly Diversion[] {
  const address = parseNameAddr(value)
  if (address === undefined) return []
  const params = new Map(address.params)
  params.delete('reason')
  return [{ ...address, reason: address.params.get('reason')?.toLowerCase() ?? 'unknown', params }]
}

export function formatDiversion({ reason, params, ...address }: Diversion): string {
  return formatNameAddr({ ...address, params: new Map([['reason', reason], ...params]) })
}
