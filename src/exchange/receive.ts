import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import { token, type Random } from '../kernel/random.ts'
import type { Envelope, SmtpHandler, SmtpReply } from '../kernel/smtp.ts'
import type { Mailboxes } from '../kernel/store.ts'
import type { ExchangeEvent } from './events.ts'
import type { Directory, Mailbox } from './mailboxes.ts'
import { readMessage } from './message.ts'
import type { SmtpFaults } from './smtp-faults.ts'

export interface ReceiveOrder {
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit<ExchangeEvent>
  readonly store: Mailboxes
  readonly directory: Directory
  readonly faults: SmtpFaults
  /** Own name in trace fields. */
  readonly host: string
}

const reply = (code: number, enhanced: string, text: string): SmtpReply => ({ code, enhanced, text })
const accepted = {
  sender: reply(250, '2.1.0', 'Sender OK'),
  recipient: reply(250, '2.1.5', 'Recipient OK'),
}
const refused = {
  sender: reply(501, '5.1.7', 'Invalid address'),
  relay: reply(550, '5.7.1', 'Unable to relay: only Exchange mailboxes are accepted'),
  unknown: reply(550, '5.1.1', 'RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'),
  nobody: reply(554, '5.5.1', 'No valid recipients'),
}

/** The receive connector: voice mail goes to Exchange mailboxes only. */
export function createReceiveConnector(order: ReceiveOrder): SmtpHandler {
  const { directory, faults } = order
  return {
    sender: (from) => {
      const fault = faults.take('sender', [])
      return Promise.resolve(fault ?? (isAddress(from) ? accepted.sender : refused.sender))
    },
    recipient: (to) => {
      const mailbox = directory.find(to)
      const user = mailbox?.user ?? to
      const verdict = faults.take('recipient', [user]) ?? judgeRecipient(directory, to, mailbox)
      if (verdict.code >= 400) refuse(order, user, verdict)
      return Promise.resolve(verdict)
    },
    message: (envelope, message) => receive(order, envelope, message),
  }
}

function judgeRecipient(directory: Directory, to: string, mailbox: Mailbox | undefined): SmtpReply {
  if (!directory.accepts(to)) return refused.relay
  return mailbox === undefined ? refused.unknown : accepted.recipient
}

/** 250 only when the message is durable in every mailbox; a sender who tries again meets no second copy. */
async function receive(order: ReceiveOrder, envelope: Envelope, message: Uint8Array): Promise<SmtpReply> {
  const found = envelope.to.filter((to) => order.directory.accepts(to)).flatMap((to) => order.directory.find(to) ?? [])
  const users = [...new Set(found.map((mailbox) => mailbox.user))]
  const facts = readMessage(message)
  const id = facts.id ?? `<${token(order.random, 16)}@${order.host}>`
  const verdict = users.length === 0 ? refused.nobody : order.faults.take('message', users)
  if (verdict !== undefined && verdict.code >= 400) {
    for (const name of users.length === 0 ? envelope.to : users) refuse(order, name, verdict, id)
    return verdict
  }
  for (const user of users) {
    const failure = await deliver(order, user, id, facts.class, traced(order, envelope, message))
    if (failure !== undefined) return failure
  }
  return verdict ?? reply(250, '2.6.0', `${oneLine(id)} Queued mail for delivery`)
}

async function deliver(
  { store, emit, ...order }: ReceiveOrder,
  mailbox: string,
  id: string,
  messageClass: string,
  message: Uint8Array,
): Promise<SmtpReply | undefined> {
  try {
    const outcome = await store.deliver(mailbox, id, message)
    emit({ type: 'exchange.mail', mailbox, id, outcome, class: messageClass })
    return undefined
  } catch (thrown) {
    const failure = reply(452, '4.3.1', `Insufficient system resources: ${oneLine(messageOf(thrown))}`)
    refuse({ store, emit, ...order }, mailbox, failure, id)
    return failure
  }
}

function refuse({ emit }: ReceiveOrder, mailbox: string, verdict: SmtpReply, id?: string): void {
  const event = { type: 'exchange.mail', mailbox, outcome: 'refused', reply: verdict } as const
  emit(id === undefined ? event : { ...event, id })
}

/** The trace fields of final delivery, RFC 5321 §4.4. */
function traced({ clock, random, host }: ReceiveOrder, envelope: Envelope, message: Uint8Array): Uint8Array {
  const date = new Date(clock.wall()).toUTCString().replace('GMT', '+0000')
  const received = `Received: by ${host} with SMTP id ${token(random)};\r\n\t${date}\r\n`
  return Buffer.concat([Buffer.from(`Return-Path: <${envelope.from}>\r\n${received}`), message])
}

const isAddress = (from: string): boolean => from === '' || /^[^\s@<>]+@[^\s@<>]+$/.test(from)
const oneLine = (text: string): string => text.replaceAll(/[^ -~]+/g, ' ').slice(0, 200)
