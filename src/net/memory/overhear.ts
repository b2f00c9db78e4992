import type { Duplex } from 'node:stream'
import type { WireTap } from '../tap.ts'
import type { Ends } from '../tls.ts'

/** Shows what is written to a stream that encrypts, before it does. */
export function overhear(socket: Duplex, tap: (write: WireTap) => void, { local, remote }: Ends): void {
  const write = socket.write.bind(socket) as (chunk: unknown, ...rest: unknown[]) => boolean
  const heard = (chunk: unknown, ...rest: unknown[]): boolean => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encodingOf(rest[0])) : chunk
    if (bytes instanceof Uint8Array) tap({ direction: 'out', transport: 'tls', local, remote, bytes })
    return write(chunk, ...rest)
  }
  socket.write = heard
}

const encodingOf = (given: unknown): BufferEncoding =>
  typeof given === 'string' && Buffer.isEncoding(given) ? given : 'utf8'
