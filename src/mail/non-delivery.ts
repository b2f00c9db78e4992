import MailComposer from 'nodemailer/lib/mail-composer/index.js'
import type { SmtpReply } from '../kernel/smtp.ts'
import { sealed } from './composer.ts'
import { asciiLine, messageIdOf, oneLine } from './text.ts'

export interface NonDelivery {
  /** The message that could not be delivered; goes into the report whole. */
  readonly original: Uint8Array
  /** Who should have had it. */
  readonly recipient: string
  /** The refusal; left out when no server ever answered, then `text` says what happened. */
  readonly reply?: SmtpReply
  readonly text: string
  /** Whom the report is for. */
  readonly postmaster: string
  /** Our host name, as Reporting-MTA. */
  readonly host: string
  /** ms since 1970-01-01T00:00Z: when the message was accepted, when the last attempt was. */
  readonly arrived: number
  readonly lastAttempt: number
  /** Without angle brackets. */
  readonly messageId: string
  readonly boundary: string
}

/** A non-delivery report: multipart/report (RFC 3462) of a text, message/delivery-status (RFC 3464) and the original. */
export async function composeNonDelivery(order: NonDelivery): Promise<Uint8Array> {
  const node = new MailComposer({
    ...sealed(order.boundary),
    from: { name: 'Mail Delivery Subsystem', address: `mailer-daemon@${asciiLine(order.host)}` },
    to: oneLine(order.postmaster, 254),
    subject: `Undeliverable: mail to ${oneLine(order.recipient)}`,
    date: new Date(order.lastAttempt),
    messageId: messageIdOf(order.messageId),
    headers: { 'Auto-Submitted': 'auto-replied' },
    text: explanation(order),
    attachments: [
      {
        contentType: 'message/delivery-status',
        contentDisposition: 'inline',
        filename: false,
        content: deliveryStatus(order),
      },
      {
        contentType: 'message/rfc822',
        contentDisposition: 'inline',
        filename: false,
        content: Buffer.from(order.original),
      },
    ],
  }).compile()
  node.setHeader('Content-Type', 'multipart/report; report-type=delivery-status')
  return new Uint8Array(await node.build())
}

function explanation({ recipient, reply, text, host }: NonDelivery): string {
  const answer =
    reply === undefined ? oneLine(text, 500) : oneLine(`${reply.code} ${reply.enhanced} ${reply.text}`, 500)
  return [
    `This message was made by the mail system at ${oneLine(host)}.`,
    '',
    `The attached message could not be delivered to ${oneLine(recipient, 254)}:`,
    '',
    `    ${answer}`,
    '',
    'It will not be tried again.',
    '',
  ].join('\r\n')
}

/** Fields per message, an empty line, fields per recipient (RFC 3464 §2.1). */
function deliveryStatus({ recipient, reply, text, host, arrived, lastAttempt }: NonDelivery): string {
  const diagnostic =
    reply === undefined
      ? []
      : [`Diagnostic-Code: smtp; ${asciiLine(`${reply.code} ${reply.enhanced} ${reply.text}`, 500)}`]
  return [
    `Reporting-MTA: dns; ${asciiLine(host)}`,
    `Arrival-Date: ${mailDate(arrived)}`,
    '',
    `Final-Recipient: rfc822; ${asciiLine(recipient, 254)}`,
    'Action: failed',
    `Status: ${statusOf(reply)}`,
    ...diagnostic,
    ...(reply === undefined ? [`X-Postern-Reason: ${asciiLine(text, 500)}`] : []),
    `Last-Attempt-Date: ${mailDate(lastAttempt)}`,
    '',
  ].join('\r\n')
}

/** RFC 3463: the server's own code; 5.0.0 for a refusal without one; 4.4.7 when time ran out (§3.5). */
function statusOf(reply: SmtpReply | undefined): string {
  if (reply === undefined || reply.code < 500) return '4.4.7'
  return /^5\.\d{1,3}\.\d{1,3}$/.test(reply.enhanced) ? reply.enhanced : '5.0.0'
}

function mailDate(wall: number): string {
  return new Date(wall).toUTCString().replace('GMT', '+0000')
}
