import { answerOf, respond, type Core } from './core.ts'
import { dialogKey } from './dialog/dialog.ts'
import { leastTaken, refusingInterval } from './dialog/session-interval.ts'
import { Called } from './incoming-call.ts'
import type { SipRequest } from './message/message.ts'
import { splitList, tagOf } from './message/name-addr.ts'
import { supported } from './message/session-expires.ts'
import type { ServerTransaction } from './transaction/server.ts'

/** Takes a new request to its dialog, to the service, or refuses it: RFC 3261 §8.2. */
export function serve(core: Core, transaction: ServerTransaction): void {
  const { request } = transaction
  const inDialog = tagOf(request.headers, 'To') !== undefined
  const dialog = inDialog ? core.dialogs.get(keyOf(request)) : undefined
  const unsupported = request.headers
    .all('Require')
    .flatMap(splitList)
    .filter((tag) => tag.toLowerCase() !== supported.value)
  if ((inDialog && dialog === undefined) || (!inDialog && request.method === 'BYE')) {
    respond(core, transaction, { status: 481 })
  } else if (!inDialog && core.closing) respond(core, transaction, { status: 503 })
  else if (unsupported.length > 0) {
    respond(core, transaction, { status: 420, headers: [{ name: 'Unsupported', value: unsupported.join(', ') }] })
  } else if (dialog !== undefined) dialog.receive(transaction)
  else if (isSpent(request)) respond(core, transaction, { status: 483 })
  else if (request.method === 'INVITE') invited(core, transaction)
  else void asked(core, transaction)
}

/** An ACK to a 2xx belongs to its dialog; one that finds none is dropped. */
export function acknowledged(core: Core, ack: SipRequest): void {
  core.dialogs.get(keyOf(ack))?.acknowledge(ack)
}

function invited(core: Core, transaction: ServerTransaction): void {
  const tooShort = refusingInterval(transaction.request, leastTaken(core.order.sessionTimer))
  if (tooShort !== undefined) {
    respond(core, transaction, tooShort)
    return
  }
  const call = new Called(core, transaction)
  try {
    core.order.handlers.invite(call)
  } catch {
    call.refuse({ status: 500 })
  }
}

async function asked(core: Core, transaction: ServerTransaction): Promise<void> {
  const { request, source } = transaction
  respond(core, transaction, await answerOf(() => core.order.handlers.request(request, source)))
}

/** Max-Forwards is used up. OPTIONS is answered all the same (RFC 3261 §11). */
const isSpent = ({ method, headers }: SipRequest): boolean =>
  method !== 'OPTIONS' && /^0+$/.test(headers.get('Max-Forwards') ?? '')

const keyOf = ({ headers }: SipRequest): string =>
  dialogKey(headers.get('Call-ID') ?? '', tagOf(headers, 'To') ?? '', tagOf(headers, 'From') ?? '')
