import MailComposer from 'nodemailer/lib/mail-composer/index.js'
import { sealed } from './composer.ts'
import { fileNamePart, messageIdOf, oneLine } from './text.ts'

/** What every message about a call says. */
export interface CallNotice {
  /** Address of the sender; the display name is the caller's. */
  readonly from: string
  readonly to: string
  /** As signalled; empty when the caller withheld it. */
  readonly callerNumber: string
  readonly callerName?: string
  /** Whose telephone was called. */
  readonly calledName: string
  /** SIP Call-ID. */
  readonly callId: string
  /** ms since 1970-01-01T00:00Z. */
  readonly date: number
  /** Without angle brackets, as in `id@host`. */
  readonly messageId: string
  /** Shared part of the MIME boundaries. */
  readonly boundary: string
}

export interface VoiceMail extends CallNotice {
  readonly durationSeconds: number
  /** A WAV file holding G.711 (MS-OXOUM §2.2.2.2). */
  readonly wav: Uint8Array
}

/** A voice message as mail: MS-OXCMAIL §2.2.3.2.15 (Content-Class), §2.1.3.2.3 (headers), MS-OXOUM §2.2.2.2 (attachment). */
export async function composeVoiceMail(mail: VoiceMail): Promise<Uint8Array> {
  const caller = callerOf(mail)
  const seconds = wholeSeconds(mail.durationSeconds)
  const filename = `${fileNamePart(caller)} (${seconds} seconds) Voice Mail.wav`
  return compose(mail, {
    contentClass: 'Voice-CA',
    subject: `Voice Mail from ${caller} (${seconds} seconds)`,
    text: `${caller} called ${oneLine(mail.calledName)} and left a voice message of ${seconds} seconds. It is attached.`,
    headers: { 'X-VoiceMessageDuration': String(seconds), 'X-AttachmentOrder': filename },
    attachments: [{ filename, contentType: 'audio/wav', content: Buffer.from(mail.wav) }],
  })
}

/** A call that reached voicemail and left no message. */
export async function composeMissedCall(notice: CallNotice): Promise<Uint8Array> {
  const caller = callerOf(notice)
  return compose(notice, {
    contentClass: 'missedcall',
    subject: `Missed call from ${caller}`,
    text: `${caller} called ${oneLine(notice.calledName)} and left no message.`,
    headers: {},
    attachments: [],
  })
}

interface Content {
  readonly contentClass: string
  readonly subject: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: { filename: string; contentType: string; content: Buffer }[]
}

async function compose(notice: CallNotice, content: Content): Promise<Uint8Array> {
  const number = oneLine(notice.callerNumber, 64)
  const name = notice.callerName === undefined ? number : oneLine(notice.callerName)
  const node = new MailComposer({
    ...sealed(notice.boundary),
    from: { name: name === '' ? callerOf(notice) : name, address: oneLine(notice.from, 254) },
    to: { name: oneLine(notice.calledName), address: oneLine(notice.to, 254) },
    subject: content.subject,
    date: new Date(notice.date),
    messageId: messageIdOf(notice.messageId),
    headers: withoutEmpty({
      'Content-Class': content.contentClass,
      'X-CallingTelephoneNumber': number,
      'X-VoiceMessageSenderName': name,
      'X-CallID': oneLine(notice.callId, 255),
      ...content.headers,
    }),
    text: `${content.text}\r\n`,
    attachments: content.attachments,
  }).compile()
  return new Uint8Array(await node.build())
}

/** How a person would name the caller: the number, else the name. */
function callerOf({ callerNumber, callerName }: CallNotice): string {
  const number = oneLine(callerNumber, 64)
  const name = oneLine(callerName ?? '', 64)
  return number !== '' ? number : name !== '' ? name : 'an unknown caller'
}

/** A positive decimal without sign (MS-OXCMAIL §2.1.3.2.3). */
function wholeSeconds(seconds: number): number {
  return Number.isFinite(seconds) ? Math.max(1, Math.round(seconds)) : 1
}

function withoutEmpty(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
}
