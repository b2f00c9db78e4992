import type { Socket } from 'node:net'
import type { Clock } from '../../kernel/clock.ts'
import { IdleTimer } from '../../net/memory/idle-timer.ts'

/** Idle timeouts of sockets that Node itself makes over a stream (TLS), on another clock: `setTimeout`, and what each byte calls to start anew. */
export function socketTimeouts(clock: Clock): Readonly<Record<string, unknown>> {
  const timers = new WeakMap<Socket, IdleTimer>()
  return {
    setTimeout(this: Socket, ms: number, listener?: () => void) {
      timers.get(this)?.stop()
      timers.delete(this)
      const idle = (): void => {
        if (!this.destroyed) this.emit('timeout')
      }
      if (ms > 0) timers.set(this, new IdleTimer(clock, ms, idle))
      if (listener === undefined) return this
      return ms > 0 ? this.once('timeout', listener) : this.removeListener('timeout', listener)
    },
    _unrefTimer(this: Socket) {
      timers.get(this)?.touch()
    },
  }
}
