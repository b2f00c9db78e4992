import type { Address } from '../../kernel/address.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Link } from './link.ts'
import type { Lifeline } from './lifeline.ts'

/** What one end of a connection is told. */
export interface PipeHandlers {
  data(bytes: Uint8Array): void
  /** The other end has sent its last byte. */
  ended(): void
  /** It is over: both ends have closed, or it was cut. Called once, last. */
  closed(error?: Error): void
}

/** One end of a TCP connection in memory. */
export interface PipeEnd {
  readonly local: Address
  readonly remote: Address
  /** What it tells from now on; what came before is told first. */
  handle(handlers: PipeHandlers): void
  write(bytes: Uint8Array): void
  /** Sends FIN after what was written. */
  end(): void
  /** Closes at once; the other end sees a FIN, or a reset when `reset` is set. */
  destroy(reset?: boolean): void
}

class Reset extends Error {
  readonly code = 'ECONNRESET'

  constructor() {
    super('read ECONNRESET')
  }
}

interface PipeOrder {
  readonly clock: Clock
  readonly link: Link
}

export function createPipe(
  order: PipeOrder,
  near: { readonly address: Address; readonly life: Lifeline },
  far: { readonly address: Address; readonly life: Lifeline },
): readonly [PipeEnd, PipeEnd] {
  const one = new End(order, near.address, far.address, near.life)
  const other = new End(order, far.address, near.address, far.life)
  one.join(other)
  other.join(one)
  return [one, other]
}

class End implements PipeEnd {
  readonly local: Address
  readonly remote: Address
  readonly #order: PipeOrder
  readonly #letGo: () => void
  #peer: End | undefined
  #handlers: PipeHandlers | undefined
  /** What came before anybody listened. */
  #early: ((to: PipeHandlers) => void)[] = []
  /** What is on its way to the peer. It arrives in order, whatever the link says of each. */
  readonly #carried: ((peer: End) => void)[] = []
  #lastArrival = 0
  #sentFin = false
  #gotFin = false
  #over = false

  constructor(order: PipeOrder, local: Address, remote: Address, life: Lifeline) {
    this.#order = order
    this.local = local
    this.remote = remote
    this.#letGo = life.hold(() => this.#vanish())
  }

  join(peer: End): void {
    this.#peer = peer
  }

  handle(handlers: PipeHandlers): void {
    this.#handlers = handlers
    for (const tell of this.#early.splice(0)) tell(handlers)
  }

  write(bytes: Uint8Array): void {
    if (this.#over || this.#sentFin) return
    this.#carry((peer) => peer.#tell((to) => to.data(bytes)))
  }

  end(): void {
    if (this.#over || this.#sentFin) return
    this.#sentFin = true
    this.#carry((peer) => peer.#fin())
    this.#closeWhenDone()
  }

  destroy(reset = false): void {
    if (this.#over) return
    if (reset) this.#carry((peer) => peer.#finish(new Reset()))
    else if (!this.#sentFin) this.#carry((peer) => peer.#fin())
    this.#sentFin = true
    this.#finish()
  }

  /** The process is gone; its system closes what it held. */
  #vanish(): void {
    this.#handlers = undefined
    if (!this.#over) this.#carry((peer) => peer.#finish(new Reset()))
    this.#over = true
  }

  #fin(): void {
    if (this.#over || this.#gotFin) return
    this.#gotFin = true
    this.#tell((to) => to.ended())
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (this.#sentFin && this.#gotFin) this.#finish()
  }

  #finish(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#order.clock.after(0, () => {
      this.#letGo()
      this.#tell((to) => to.closed(error))
    })
  }

  #tell(what: (to: PipeHandlers) => void): void {
    if (this.#handlers === undefined) this.#early.push(what)
    else what(this.#handlers)
  }

  #carry(arrive: (peer: End) => void): void {
    const { clock, link } = this.#order
    const peer = this.#peer
    if (peer === undefined) return
    this.#lastArrival = Math.max(this.#lastArrival, clock.now() + link.stream(this.local.host, this.remote.host))
    this.#carried.push(arrive)
    clock.after(this.#lastArrival - clock.now(), () => {
      const first = this.#carried.shift()
      if (!peer.#over) first?.(peer)
    })
  }
}
