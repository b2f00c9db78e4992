import type { Emit } from '../kernel/bus.ts'
import { createMediaPort } from './client.ts'
import { createMediaEngine } from './engine.ts'
import type { EnginePorts } from './engine.ts'
import type { MediaEvent } from './events.ts'
import type { MediaPort } from './face.ts'
import type { Reply } from './messages.ts'

export interface InThreadOrder extends Omit<EnginePorts, 'reply'> {
  readonly emit: Emit<MediaEvent>
}

/** The media port with its engine in the calling thread: for virtual time and tests. */
export function inThreadMedia({ emit, ...ports }: InThreadOrder): MediaPort {
  let receive: Reply = () => undefined
  const engine = createMediaEngine({ ...ports, reply: (reply) => receive(reply) })
  return createMediaPort(
    { post: (command) => engine.handle(command), subscribe: (listener) => (receive = listener) },
    emit,
  )
}
