import type { Reply, Session, SessionHandlers } from '../sip/face.ts'
import type { SipRequest } from '../sip/message/message.ts'

export type Side = 'a' | 'b'

/**
 * The two sessions of a back-to-back user agent: what ends one ends the other. A BYE is answered only when the other
 * side has answered ours, so that "the message is safe" travels all the way to the caller.
 */
export class Pair {
  readonly #sessions = new Map<Side, Session>()
  /** Sides that are over or on their way out: neither needs a BYE of ours any more. */
  readonly #over = new Set<Side>()

  handlers(side: Side): SessionHandlers {
    return {
      bye: () => {
        this.#over.add(side)
        return this.#end(other(side))
      },
      request: (request) => this.#forward(side, request),
    }
  }

  /** A side that joins after the other is over is ended at once. */
  join(side: Side, session: Session): void {
    this.#sessions.set(side, session)
    void session.ended.then(() => {
      this.#over.add(side)
      return this.#end(other(side))
    })
    if (this.#over.has(other(side))) void this.#end(side)
  }

  async #end(side: Side): Promise<void> {
    const session = this.#sessions.get(side)
    if (session === undefined || this.#over.has(side)) return
    this.#over.add(side)
    await session.bye()
  }

  /** INFO and its like are passed on with their body alone; headers do not cross. */
  async #forward(side: Side, request: SipRequest): Promise<Reply> {
    const session = this.#sessions.get(other(side))
    if (session === undefined) return { status: 481 }
    const type = request.headers.get('Content-Type')
    const extra = type === undefined ? {} : { body: { type, bytes: request.body } }
    const response = await session.request(request.method, extra)
    return { status: response.status, reason: response.reason }
  }
}

const other = (side: Side): Side => (side === 'a' ? 'b' : 'a')
