import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser'
import { messageOf } from '../kernel/errors.ts'

export type MailKind = 'voice' | 'missed-call' | 'non-delivery' | 'other'

export interface ReadAttachment {
  readonly name: string
  /** In lower case, without parameters. */
  readonly type: string
  readonly bytes: Uint8Array
}

/** A mail as a test looks at it. */
export interface ReadMail {
  readonly kind: MailKind
  /** Names in lower case, values unfolded and undecoded; of several headers of one name the first. */
  readonly headers: ReadonlyMap<string, string>
  readonly subject: string
  /** Addresses without display names. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** ms since 1970-01-01T00:00Z. */
  readonly date?: number
  readonly messageId?: string
  readonly text: string
  readonly attachments: readonly ReadAttachment[]
  /** Of voice mails and missed calls: number, name, SIP Call-ID. */
  readonly caller?: string
  readonly callerName?: string
  readonly callId?: string
  /** Of voice mails: whole seconds as the header says, and the newest WAV attachment. */
  readonly durationSeconds?: number
  readonly wav?: Uint8Array
  /** Why it could not be read further. */
  readonly unreadable?: string
}

const asIs = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true }

/** Reads any bytes; what is no mail is of kind `other`. */
export async function readMail(bytes: Uint8Array): Promise<ReadMail> {
  try {
    return await understood(await simpleParser(Buffer.from(bytes), asIs))
  } catch (failure) {
    return {
      kind: 'other',
      headers: new Map(),
      subject: '',
      from: [],
      to: [],
      text: '',
      attachments: [],
      unreadable: messageOf(failure),
    }
  }
}

async function understood(mail: ParsedMail): Promise<ReadMail> {
  const headers = headerMap(mail)
  const kind = kindOf(headers)
  const attachments = mail.attachments.map((part) => ({
    name: part.filename ?? '',
    type: part.contentType.toLowerCase(),
    bytes: new Uint8Array(part.content),
  }))
  return {
    kind,
    headers,
    subject: mail.subject ?? '',
    from: addresses(mail.from),
    to: addresses(mail.to),
    ...(mail.date && { date: mail.date.getTime() }),
    ...(mail.messageId !== undefined && { messageId: mail.messageId }),
    text: mail.text ?? '',
    attachments,
    ...(kind === 'voice' || kind === 'missed-call' ? await callOf(headers) : {}),
    ...(kind === 'voice' ? await voiceOf(headers, attachments) : {}),
  }
}

/**
 * MS-OXCMAIL §2.2.3.2.15, case ignored. Keyed on Content-Class alone: message recalls carry the X- headers too.
 */
function kindOf(headers: ReadonlyMap<string, string>): MailKind {
  const contentClass = headers.get('content-class')?.trim().toLowerCase()
  if (contentClass === 'voice' || contentClass === 'voice-ca' || contentClass === 'voice-uc') return 'voice'
  if (contentClass === 'missedcall') return 'missed-call'
  return /^\s*multipart\/report\b.*report-type="?delivery-status/is.test(headers.get('content-type') ?? '')
    ? 'non-delivery'
    : 'other'
}

async function callOf(
  headers: ReadonlyMap<string, string>,
): Promise<Pick<ReadMail, 'caller' | 'callerName' | 'callId'>> {
  const caller = await decoded(headers.get('x-callingtelephonenumber'))
  const callerName = await decoded(headers.get('x-voicemessagesendername'))
  const callId = await decoded(headers.get('x-callid'))
  return {
    ...(caller !== undefined && { caller }),
    ...(callerName !== undefined && { callerName }),
    ...(callId !== undefined && { callId }),
  }
}

async function voiceOf(
  headers: ReadonlyMap<string, string>,
  attachments: readonly ReadAttachment[],
): Promise<Pick<ReadMail, 'durationSeconds' | 'wav'>> {
  const duration = /^\d{1,9}$/.exec(headers.get('x-voicemessageduration') ?? '')?.[0]
  const wav = newest(attachments, (await decoded(headers.get('x-attachmentorder'))) ?? '')
  return { ...(duration !== undefined && { durationSeconds: Number(duration) }), ...(wav && { wav: wav.bytes }) }
}

/** MS-OXOUM §2.2.5.9: names parted by `;`, spaces around them, the most recent first; compared without case. */
function newest(attachments: readonly ReadAttachment[], order: string): ReadAttachment | undefined {
  const audio = attachments.filter(({ name, type }) => type === 'audio/wav' || /\.wav$/i.test(name))
  const names = order.split(';').map((name) => name.trim().toLowerCase())
  for (const wanted of names) {
    const found = audio.find(({ name }) => wanted !== '' && name.trim().toLowerCase() === wanted)
    if (found) return found
  }
  return audio.at(-1)
}

function headerMap(mail: ParsedMail): Map<string, string> {
  const headers = new Map<string, string>()
  for (const { key, line } of mail.headerLines) {
    if (!headers.has(key))
      headers.set(
        key,
        line
          .slice(line.indexOf(':') + 1)
          .replace(/\r?\n(?=[ \t])/g, '')
          .trim(),
      )
  }
  return headers
}

/** Encoded words resolved (RFC 2047): the parser does so for the headers it knows, hence the disguise. */
async function decoded(value: string | undefined): Promise<string | undefined> {
  if (value?.includes('=?') !== true) return value
  return (await simpleParser(`Subject: ${value}\r\n\r\n`, asIs)).subject
}

function addresses(field: AddressObject | AddressObject[] | undefined): string[] {
  const fields = field === undefined ? [] : Array.isArray(field) ? field : [field]
  return fields.flatMap(({ value }) => value).flatMap(({ address }) => address ?? [])
}
