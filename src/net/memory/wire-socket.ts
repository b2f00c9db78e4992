import { Duplex } from 'node:stream'
import type { Clock } from '../../kernel/clock.ts'
import type { Handshake, StreamSocket } from '../sockets.ts'
import type { WireTap } from '../tap.ts'
import { IdleTimer } from './idle-timer.ts'
import type { PipeEnd } from './pipe.ts'

/** First byte of a TLS record that carries a handshake (RFC 8446 §5.1). */
export const handshakeRecord = 0x16

export interface WireSocketOrder {
  readonly clock: Clock
  readonly tap: (write: WireTap) => void
  /** Called once it is destroyed. No listener, since a library may remove those. */
  readonly destroyed?: () => void
}

/** One end of a connection in memory as the libraries want it: a Duplex that behaves like a socket of Node. */
export class WireSocket extends Duplex implements StreamSocket {
  localAddress: string | undefined
  localPort: number | undefined
  remoteAddress: string | undefined
  remotePort: number | undefined
  readyState: 'opening' | 'open' = 'opening'
  bytesWritten = 0
  /** Set once the model of a TLS handshake is through. */
  handshake: Handshake | undefined
  readonly #order: WireSocketOrder
  #end: PipeEnd | undefined
  #idle: IdleTimer | undefined
  /** What is written from now on is TLS itself, which is not the same twice. */
  #opaque = false
  /** What was written, or the end, before bytes pass. */
  #early: (() => void) | undefined

  constructor(order: WireSocketOrder) {
    super({ allowHalfOpen: false })
    this.#order = order
  }

  /** It is connected: knows its addresses, and belongs to the connection. */
  own(end: PipeEnd): void {
    this.#end = end
    this.localAddress = end.local.host
    this.localPort = end.local.port
    this.remoteAddress = end.remote.host
    this.remotePort = end.remote.port
  }

  /** Bytes pass from now on. */
  open(handshake?: Handshake): void {
    this.readyState = 'open'
    this.handshake = handshake
    this.#end?.handle({
      data: (bytes) => {
        this.#idle?.touch()
        this.push(bytes)
      },
      ended: () => this.push(null),
      closed: (error) => this.destroy(error),
    })
    this.#early?.()
    this.#early = undefined
  }

  override _read(): void {
    // What comes is pushed as it comes.
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#whenOpen(() => {
      this.#send(bytes)
      done()
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenOpen(() => {
      this.#end?.end()
      done()
    })
  }

  #whenOpen(task: () => void): void {
    if (this.readyState === 'open') task()
    else this.#early = task
  }

  #send(bytes: Uint8Array): void {
    this.bytesWritten += bytes.length
    this.#idle?.touch()
    this.#opaque ||= this.handshake === undefined && bytes[0] === handshakeRecord
    if (!this.#opaque && this.#end !== undefined) {
      const { local, remote } = this.#end
      const transport = this.handshake === undefined ? 'tcp' : 'tls'
      this.#order.tap({ direction: 'out', transport, local, remote, bytes })
    }
    this.#end?.write(bytes)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#idle?.stop()
    this.#end?.destroy()
    this.#order.destroyed?.()
    done(error)
  }

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  setTimeout(ms: number, listener?: () => void): this {
    this.#idle?.stop()
    this.#idle = ms > 0 ? new IdleTimer(this.#order.clock, ms, () => this.emit('timeout')) : undefined
    if (listener === undefined) return this
    return ms > 0 ? this.once('timeout', listener) : this.removeListener('timeout', listener)
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}
