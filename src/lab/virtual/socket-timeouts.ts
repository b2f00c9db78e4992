import type { Socket } from 'node:net'
import type { Clock } from '../../kernel/clock.ts'

interface Idle {
  readonly ms: number
  /** When a byte last passed. */
  since: number
  stop: () => void
}

/** Idle timeouts of sockets that Node itself makes over a stream (TLS), on another clock: `setTimeout`, and what each byte calls to start anew. */
export function socketTimeouts(clock: Clock): Readonly<Record<string, unknown>> {
  const sockets = new WeakMap<Socket, Idle>()
  const wait = (socket: Socket, idle: Idle): void => {
    idle.stop = clock.after(idle.since + idle.ms - clock.now(), () => {
      if (idle.since + idle.ms > clock.now()) wait(socket, idle)
      else if (!socket.destroyed) socket.emit('timeout')
    })
  }
  return {
    setTimeout(this: Socket, ms: number, listener?: () => void) {
      sockets.get(this)?.stop()
      sockets.delete(this)
      if (ms > 0) {
        const idle: Idle = { ms, since: clock.now(), stop: () => undefined }
        sockets.set(this, idle)
        wait(this, idle)
      }
      if (listener !== undefined) {
        if (ms > 0) this.once('timeout', listener)
        else this.removeListener('timeout', listener)
      }
      return this
    },
    _unrefTimer(this: Socket) {
      const idle = sockets.get(this)
      if (idle !== undefined) idle.since = clock.now()
    },
  }
}
