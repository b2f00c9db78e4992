import type { Address } from '../../kernel/address.ts'
import { flowTo, type Core } from '../core.ts'
import { isReliable, type Flow } from '../transport/flow.ts'
import { hopOf } from '../transport/hop.ts'

/** The way to the peer of one dialog: a connection may end without the dialog (RFC 3261 §12). */
export class DialogFlow {
  readonly #core: Core
  readonly #lost: () => void
  #flow: Flow
  #unfollow: () => void = () => undefined

  /** `lost` is called whenever the connection that it is on ends. */
  constructor(core: Core, flow: Flow, lost: () => void) {
    this.#core = core
    this.#lost = lost
    this.#flow = flow
    this.#follow(flow)
  }

  get remote(): Address {
    return this.#flow.remote
  }

  /** A request of the peer came on this one. */
  heard(flow: Flow): void {
    if (isReliable(flow.transport) && !this.#flow.alive) this.#follow(flow)
  }

  /** The dialog's own connection while it is alive, else the way to the next hop, a URI. @throws PosternError */
  async to(nextHop: string): Promise<Flow> {
    if (isReliable(this.#flow.transport) && this.#flow.alive) return this.#flow
    const flow = await flowTo(this.#core, hopOf(nextHop), this.#flow)
    if (isReliable(flow.transport)) this.#follow(flow)
    return flow
  }

  leave(): void {
    this.#unfollow()
  }

  #follow(flow: Flow): void {
    this.#unfollow()
    this.#flow = flow
    this.#unfollow = flow.onClosed(this.#lost)
  }
}
