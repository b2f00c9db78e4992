import type { Address } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import type { Resolver } from '../kernel/network.ts'
import type { NetEvent } from './events.ts'
import type { Sockets } from './sockets.ts'
import type { Transport, WireTap } from './tap.ts'

export interface NetworkOptions {
  /** Its wall time is what certificates are judged by; its timers end handshakes and connects that hang. */
  readonly clock: Clock
  readonly emit: Emit<NetEvent>
  /** Names of peers; the system's own resolution when left out. */
  readonly resolver?: Resolver
  readonly tap?: (write: WireTap) => void
  /** Node's when left out. */
  readonly sockets?: Sockets
}

/** Node's code of an error, as in `EADDRINUSE`. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}

export interface Fault {
  readonly transport: Transport
  readonly local: Address
  readonly remote?: Address
}

/** Says that something failed, once, as an event. */
export function report(options: NetworkOptions, fault: Fault, thrown: unknown): void {
  const code = codeOf(thrown)
  options.emit({ type: 'net.error', ...fault, ...(code === undefined ? {} : { code }), text: messageOf(thrown) })
}

/** Hands something up; what a handler throws ends as an event, never in the socket's own callback. False when it threw. */
export function handUp(options: NetworkOptions, fault: Fault, task: () => void): boolean {
  try {
    task()
    return true
  } catch (thrown) {
    report(options, fault, thrown)
    return false
  }
}
