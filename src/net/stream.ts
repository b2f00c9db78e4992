import type { Stream, StreamHandlers } from '../kernel/network.ts'
import type { PeerJudgement } from '../kernel/tls.ts'
import { handUp, type NetworkOptions, report } from './context.ts'
import type { StreamSocket } from './sockets.ts'
import { endsOf } from './tls.ts'

/** In bytes and ms. */
const limits = { unsent: 8 * 1024 * 1024, linger: 5000 } as const

export interface Carriage {
  readonly transport: 'tcp' | 'tls'
  /** On TLS. */
  readonly peer?: PeerJudgement
  /** Why it is over, when the other end closed it before its first byte; a plain close when left out. */
  readonly unheard?: (cause: Error | undefined) => Error
}

export interface Carried {
  readonly stream: Stream
  /** Bytes are read from now on; what has happened to the connection since is told first. */
  readonly start: (handlers: StreamHandlers) => void
}

/** A connected socket as a stream. Nothing it does throws; every error ends as `closed` and one event. */
export function carry(options: NetworkOptions, socket: StreamSocket, { transport, peer, unheard }: Carriage): Carried {
  const { local, remote } = endsOf(socket)
  const wire = { transport, local, remote } as const
  let handlers: StreamHandlers | undefined
  let failure: Error | undefined
  let heard = false
  let ours = false
  let over = false
  let stopLingering: (() => void) | undefined

  const closed = (): void => {
    const error = heard || ours || unheard === undefined ? failure : unheard(failure)
    if (error !== undefined && error === failure) report(options, wire, error)
    handUp(options, wire, () => handlers?.closed(error))
  }
  const fail = (error: Error): void => {
    failure ??= error
    socket.destroy()
  }

  socket.on('error', (error) => {
    failure ??= error
  })
  socket.on('close', () => {
    over = true
    stopLingering?.()
    if (handlers !== undefined) closed()
  })

  const stream: Stream = {
    local,
    remote,
    ...(peer === undefined ? {} : { peer }),
    write(bytes) {
      if (!socket.writable) return
      options.tap?.({ direction: 'out', ...wire, bytes })
      socket.write(bytes)
      if (socket.writableLength > limits.unsent) {
        fail(new Error(`the other end does not read: ${limits.unsent} bytes wait to be sent`))
      }
    },
    end() {
      ours = true
      socket.end()
      stopLingering ??= options.clock.after(limits.linger, () => socket.destroy())
    },
    destroy() {
      ours = true
      socket.destroy()
    },
  }

  const start = (to: StreamHandlers): void => {
    handlers = to
    if (over) {
      closed()
      return
    }
    socket.on('data', (bytes: Buffer) => {
      heard = true
      options.tap?.({ direction: 'in', ...wire, bytes })
      handUp(options, wire, () => to.data(bytes))
    })
  }

  return { stream, start }
}
