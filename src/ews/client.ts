import type { Clock } from '../kernel/clock.ts'
import type { HttpReply } from '../kernel/http.ts'
import { messageOf } from '../kernel/errors.ts'
import {
  ask,
  defaultTimeoutMs,
  header,
  isUnknown,
  type OofAnswer,
  type OofClientOrder,
  type OofUnknown,
} from './answer.ts'
import { wrapUserToken } from './oauth/tokens.ts'
import { oofAction, oofActive, oofRequest, readOofResponse } from './oof.ts'
import { soapContentType } from './soap.ts'
import { createTokenSource, type ActorToken, type TokenSource } from './token-source.ts'
import { isXmlFault } from './xml.ts'

export type { OofAnswer, OofClientOrder, OofUnknown } from './answer.ts'

/**
 * Asks Exchange for the out-of-office state of a mailbox as Cloud Voicemail does: OAuth, then GetUserOofSettings.
 * The answer never rejects and comes within the timeout, whatever the other side does.
 */
export function createOofClient(order: OofClientOrder): (smtp: string) => Promise<OofAnswer> {
  const tokens = createTokenSource(order)
  const timeoutMs = order.timeoutMs ?? defaultTimeoutMs
  const late = unreachable(`No answer within ${timeoutMs} ms.`)
  return async (smtp) => {
    const work = question(order, tokens, smtp).catch((thrown: unknown) => unreachable(messageOf(thrown)))
    const answer = await within(order.clock, timeoutMs, work, late)
    report(order, smtp, answer)
    return answer
  }
}

/** A held token may have lost its worth, as when Exchange got new keys: after a 401 it is tried once with a new one. */
async function question(order: OofClientOrder, tokens: TokenSource, smtp: string, again = true): Promise<OofAnswer> {
  const held = tokens.held()
  const token = await tokens.current()
  if (isUnknown(token)) return token
  const answer = await askWith(order, token, smtp)
  if (!isUnknown(answer) || answer.refusedBy !== 'ews' || answer.status !== 401) return answer
  tokens.drop(token)
  return again && token === held ? question(order, tokens, smtp, false) : answer
}

async function askWith(order: OofClientOrder, actor: ActorToken, smtp: string): Promise<OofAnswer> {
  const user = wrapUserToken({
    actor: actor.token,
    application: order.application.appId,
    realm: actor.realm,
    host: order.host,
    audience: actor.resource,
    smtp,
    wall: order.clock.wall(),
  })
  const headers = { authorization: `Bearer ${user}`, 'content-type': soapContentType, soapaction: oofAction }
  const reply = await ask(order, { purpose: 'GetUserOofSettings', url: order.ewsUrl, headers, body: oofRequest(smtp) })
  return isUnknown(reply) ? reply : readReply(order, reply)
}

function readReply(order: OofClientOrder, reply: HttpReply): OofAnswer {
  const refusal = { known: false, refusedBy: 'ews', status: reply.status } as const
  if (reply.status === 401) {
    const diagnostics = header(reply, 'x-ms-diagnostics')
    const text = `Exchange refused the token: ${diagnostics ?? 'no diagnostics'}`
    return { ...refusal, text, ...(diagnostics === undefined ? {} : { diagnostics }) }
  }
  const settings = reply.status === 200 || reply.status === 500 ? readOofResponse(reply.body) : undefined
  if (settings === undefined) return { ...refusal, text: `Exchange answered ${reply.status}.` }
  if (isXmlFault(settings)) return { ...refusal, text: `${settings.fault}: ${settings.text}` }
  return { known: true, active: oofActive(settings, order.clock.wall()), settings }
}

function report({ emit, application: { appId } }: OofClientOrder, mailbox: string, answer: OofAnswer): void {
  if (answer.known) {
    emit({ type: 'ews.oof', mailbox, active: answer.active })
  } else if (
    answer.refusedBy !== 'unreachable' &&
    (answer.refusedBy === 'authorization-server' || answer.status === 401)
  ) {
    const { refusedBy: by, status = 0, diagnostics = answer.text } = answer
    emit({ type: 'oauth.refused', by, application: appId, status, diagnostics })
  }
}

/** What `work` answers, or `late` once `ms` are over. */
function within<T>(clock: Clock, ms: number, work: Promise<T>, late: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(late))
    work.finally(cancel).then(resolve, reject)
  })
}

const unreachable = (text: string): OofUnknown => ({ known: false, refusedBy: 'unreachable', text })
