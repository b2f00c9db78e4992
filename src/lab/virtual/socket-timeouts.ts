import type { Socket } from 'node:net'
import type { Clock } from '../../kernel/clock.ts'
import { IdleTimer } from '../../net/memory/idle-timer.ts'

/** Idle timeouts of sockets that Node itself makes over a stream (TLS), on another clock: `setTimeout`, and what each byte calls to start anew. */
export function socketTimeouts(clock: Clock): Readonly<Record<string, unknown>> {
  const timers = new WeakMap<Socket, IdleTimer | undefined>()
  const stop = (socket: Socket): void => timers.get(socket)?.stop()
  return {
    setTimeout(this: Socket, ms: number, listener?: () => void) {
      if (timers.has(this)) stop(this)
      else this.once('close', () => stop(this))
      const idle = (): void => {
        if (!this.destroyed) this.emit('timeout')
      }
      timers.set(this, ms > 0 ? new IdleTimer(clock, ms, idle) : undefined)
      if (listener === undefined) return this
      return ms > 0 ? this.once('timeout', listener) : this.removeListener('timeout', listener)
    },
    _unrefTimer(this: Socket) {
      timers.get(this)?.touch()
    },
  }
}
