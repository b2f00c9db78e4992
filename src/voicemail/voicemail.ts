import { answerLeg, cancelled, considerOffer, textOf } from '../call/answer.ts'
import type { LegPorts } from '../call/leg.ts'
import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import { token } from '../kernel/random.ts'
import type { Store } from '../kernel/store.ts'
import type { Spool } from '../mail/spool.ts'
import { createEndpoint } from '../sip/endpoint.ts'
import type { Endpoint, EndpointOrder, IncomingCall, Reply } from '../sip/face.ts'
import { Answering, type AnsweringOrder, type RecordingLimits } from './answering.ts'
import { Deposits, type Deposit } from './deposits.ts'
import type { VoicemailEvent } from './events.ts'
import type { Mailbox } from './mailbox.ts'
import { callerOf, type Personality } from './personality.ts'

export interface VoicemailOrder extends LegPorts, Pick<AnsweringOrder, 'prompts' | 'fallback' | 'oof'> {
  readonly sip: Omit<EndpointOrder, 'handlers'>
  readonly clock: Clock
  readonly emit: Emit<VoicemailEvent>
  readonly personality: Personality
  readonly mailboxes: readonly Mailbox[]
  readonly limits: RecordingLimits
  /** Where recordings grow and their notes stand: the same folder that `media` records into. */
  readonly recordings: Store
  readonly spool: Spool
  readonly host: string
  readonly sender: string
  readonly tooShortMs: number
}

export interface Voicemail {
  readonly endpoint: Endpoint
  /** Deposits finished that an earlier process left behind. */
  readonly recovered: number
  close(): Promise<void>
}

/** The voicemail service. What an earlier process left behind is finished before the first call is taken. */
export async function createVoicemail(order: VoicemailOrder): Promise<Voicemail> {
  const deposits = new Deposits({ ...order, store: order.recordings })
  const recovered = await deposits.recover()
  const running = new Set<Promise<void>>()
  const endpoint = await createEndpoint({
    ...order.sip,
    handlers: {
      invite(call) {
        const taken = take(order, deposits, call).finally(() => running.delete(taken))
        running.add(taken)
      },
      request: (request) => Promise.resolve<Reply>(request.method === 'OPTIONS' ? { status: 200 } : notAllowed),
    },
  })
  return {
    endpoint,
    recovered,
    async close() {
      await endpoint.close()
      await Promise.all(running)
    },
  }
}

const notAllowed: Reply = {
  status: 405,
  headers: [{ name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE' }],
}

async function take(order: VoicemailOrder, deposits: Deposits, call: IncomingCall): Promise<void> {
  const refuse = (reply: Reply, text: string): void => {
    order.emit({ type: 'voicemail.refused', callId: call.callId, status: reply.status, text })
    call.refuse(reply)
  }
  const { peer } = call.source
  if (peer?.verdict !== 'trusted') {
    refuse({ status: 403 }, peer?.text ?? 'the call did not come over TLS')
    return
  }
  const { number, reason } = order.personality(call.request)
  const mailbox = order.mailboxes.find((m) => m.number === number)
  if (mailbox === undefined) {
    refuse(
      { status: 404 },
      number === undefined ? 'no Diversion names a mailbox' : `${number} has no mailbox here (${reason})`,
    )
    return
  }
  if (!mailbox.settings.enabled) {
    refuse({ status: 480 }, `voicemail is off for ${mailbox.number}`)
    return
  }
  const considered = considerOffer(call, order)
  if ('status' in considered) {
    refuse(considered, textOf(considered))
    return
  }
  const caller = callerOf(call.request)
  const deposit: Deposit = {
    id: token(order.random, 12),
    callId: call.callId,
    mailbox: { number: mailbox.number, name: mailbox.name, smtp: mailbox.smtp },
    caller: { number: caller.number, ...(caller.name === undefined ? {} : { name: caller.name }) },
    at: order.clock.wall(),
  }
  try {
    await deposits.begin(deposit)
  } catch (thrown) {
    refuse(
      { status: 503, headers: [{ name: 'Retry-After', value: '30' }] },
      `no message can be taken: ${messageOf(thrown)}`,
    )
    return
  }
  const answering = new Answering({ ...order, deposit, mailbox, deposits })
  const leg = await answerLeg(call, considered, order, { bye: () => answering.hungUp() })
  if (leg === cancelled || 'status' in leg) {
    if (leg !== cancelled) refuse(leg, textOf(leg))
    await deposits.finish(deposit)
    return
  }
  order.emit({
    type: 'voicemail.answered',
    callId: call.callId,
    deposit: deposit.id,
    mailbox: mailbox.number,
    caller: caller.number,
  })
  await answering.run(leg)
}
