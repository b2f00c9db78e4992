import { formatAddress } from '../kernel/address.ts'
import type { Happening } from '../lab/events.ts'
import { seconds } from './html-text.ts'

/** Every SIP message as each station saw it, in the bytes it had on the wire, with a line before each that says when and which way. */
export function sipText(events: readonly Happening[]): Uint8Array {
  return Buffer.concat(
    events.flatMap((event) => (event.type === 'sip.message' ? [headline(event), body(event.text)] : [])),
  )
}

function headline({
  local,
  remote,
  transport,
  direction,
  station,
  at,
}: Extract<Happening, { type: 'sip.message' }>): Buffer {
  const way = direction === 'out' ? '->' : '<-'
  const line = `--- ${seconds(at, 3)} ${station} ${transport} ${formatAddress(local)} ${way} ${formatAddress(remote)}\n`
  return Buffer.from(line, 'utf8')
}

const body = (latin1: string): Buffer => Buffer.from(`${latin1.replace(/(\r?\n)*$/, '')}\n\n`, 'latin1')
