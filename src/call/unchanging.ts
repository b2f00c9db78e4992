import type { Body, Reply, SessionHandlers } from '../sip/face.ts'
import type { SipRequest } from '../sip/message/message.ts'

/**
 * How a session lives on whose descriptions never change (RFC 4028 §7.4): a refresh of ours says again what we said,
 * and a re-INVITE or UPDATE that changes nothing is answered with the same. One that would change something is a 488.
 */
export function unchanging(
  ours: Body | undefined,
  theirs: () => Uint8Array | Promise<Uint8Array>,
): Pick<SessionHandlers, 'description' | 'reinvite'> {
  return {
    description: () => ours,
    async reinvite({ body }: SipRequest): Promise<Reply> {
      const same = body.length === 0 || isSame(textOf(body), textOf(await theirs()))
      return same && ours !== undefined ? { status: 200, body: ours } : { status: 488 }
    },
  }
}

/** RFC 3264 §8: with the same o= line a description is the same. Some peers count its version up and change nothing. */
function isSame(one: string, other: string): boolean {
  const [line] = origin.exec(one) ?? []
  return (
    (line !== undefined && line === origin.exec(other)?.[0]) || one.replace(origin, '') === other.replace(origin, '')
  )
}

const origin = /^o=.*$/m

const textOf = (body: Uint8Array): string => Buffer.from(body).toString('latin1')
