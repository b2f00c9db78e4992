import { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Address } from '../../kernel/address.ts'
import type { Listener } from '../../kernel/network.ts'
import type { TlsServer } from '../../kernel/tls.ts'
import type { StreamServer } from '../sockets.ts'
import { serverHandshake } from './handshake.ts'
import { mortalClock, type Lifeline } from './lifeline.ts'
import type { PipeEnd } from './pipe.ts'
import type { Wire } from './wire.ts'
import { WireSocket } from './wire-socket.ts'

/** A listener in memory that behaves like `net.Server`, or like `tls.Server` when it is handed what TLS asks and shows. */
export class WireServer extends EventEmitter implements StreamServer {
  readonly #wire: Wire
  readonly #life: Lifeline
  readonly #tls: TlsServer | undefined
  readonly #sockets = new Set<WireSocket>()
  #listener: Listener | undefined
  #closing = false

  constructor(wire: Wire, life: Lifeline, tls?: TlsServer) {
    super()
    this.#wire = wire
    this.#life = life
    this.#tls = tls
  }

  /** Says `listening` or `error` in a turn of its own, as Node does. */
  listen(at: Address): this {
    process.nextTick(() => {
      try {
        const tls = this.#tls === undefined ? {} : { tls: this.#tls }
        this.#listener = this.#wire.listen(at, { ...tls, accept: (end) => this.#accept(end), life: this.#life })
        this.emit('listening')
      } catch (thrown) {
        this.emit('error', thrown)
      }
    })
    return this
  }

  address(): AddressInfo | null {
    const local = this.#listener?.local
    return local === undefined ? null : { address: local.host, port: local.port, family: 'IPv4' }
  }

  /** `close` is said when the last connection is gone. */
  close(): this {
    this.#closing = true
    void this.#listener?.close()
    process.nextTick(() => this.#closeWhenDone())
    return this
  }

  #closeWhenDone(): void {
    if (!this.#closing || this.#sockets.size > 0) return
    this.#closing = false
    this.emit('close')
  }

  #accept(end: PipeEnd): void {
    const { tap } = this.#wire
    const clock = mortalClock(this.#wire.clock, this.#life)
    const destroyed = (): void => {
      this.#sockets.delete(socket)
      process.nextTick(() => this.#closeWhenDone())
    }
    const socket = new WireSocket({ clock, tap, destroyed })
    socket.own(end)
    this.#sockets.add(socket)
    this.emit('connection', socket)
    if (this.#tls === undefined) socket.open()
    else this.#secure(socket, end, this.#tls)
  }

  #secure(socket: WireSocket, end: PipeEnd, tls: TlsServer): void {
    serverHandshake(end, tls, (result) => {
      if (socket.destroyed) return
      if (result instanceof Error) {
        socket.on('error', () => undefined)
        this.emit('tlsClientError', result, socket)
        socket.destroy()
      } else {
        socket.open(result)
        this.emit('secureConnection', socket)
      }
    })
  }
}
