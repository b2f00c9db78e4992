import { envelope, namespaces, notSchema, readEnvelope } from './soap.ts'
import { child, escapeXml, isXmlFault, type XmlElement, type XmlFault } from './xml.ts'

/** Out-of-office settings of a mailbox, [MS-OXWOOF] §2.2.4: UserOofSettings. */
export interface OofSettings {
  readonly state: 'Disabled' | 'Enabled' | 'Scheduled'
  readonly externalAudience: 'None' | 'Known' | 'All'
  /** Wall ms; the Duration counts only when `state` is Scheduled. */
  readonly start?: number
  /** Wall ms, exclusive. */
  readonly end?: number
  readonly internalReply: string
  readonly externalReply: string
}

export const oofDisabled: OofSettings = {
  state: 'Disabled',
  externalAudience: 'None',
  internalReply: '',
  externalReply: '',
}

/** SOAPAction of GetUserOofSettings. */
export const oofAction = `"${namespaces.messages}/GetUserOofSettings"`

const { messages, types } = namespaces
const states = ['Disabled', 'Enabled', 'Scheduled'] as const
const audiences = ['None', 'Known', 'All'] as const

/** Scheduled is active only inside its Duration; without one, never. */
export function oofActive(settings: OofSettings, atWallMs: number): boolean {
  if (settings.state !== 'Scheduled') return settings.state === 'Enabled'
  const { start, end } = settings
  return start !== undefined && end !== undefined && start <= atWallMs && atWallMs < end
}

/** What a client asks: GetUserOofSettings for one SMTP address. */
export function oofRequest(smtp: string): string {
  return envelope(
    `<m:GetUserOofSettingsRequest xmlns:m="${messages}" xmlns:t="${types}">` +
      `<t:Mailbox><t:Address>${escapeXml(smtp)}</t:Address></t:Mailbox></m:GetUserOofSettingsRequest>`,
    `<t:RequestServerVersion xmlns:t="${types}" Version="Exchange2013"/>`,
  )
}

export function readOofRequest(document: string | Uint8Array): { readonly mailbox: string } | XmlFault {
  const body = readEnvelope(document)
  if (isXmlFault(body)) return body
  if (!isMessage(body, 'GetUserOofSettingsRequest')) return notSchema('GetUserOofSettingsRequest')
  const mailbox = child(child(body, types, 'Mailbox'), types, 'Address')?.text.trim() ?? ''
  return mailbox === '' ? notSchema('Mailbox/Address') : { mailbox }
}

/** What Exchange answers. Duration is written whenever both its ends are set. */
export function oofResponse(settings: OofSettings): string {
  const { start, end } = settings
  const duration =
    start === undefined || end === undefined
      ? ''
      : `<StartTime>${date(start)}</StartTime><EndTime>${date(end)}</EndTime>`
  return envelope(
    `<GetUserOofSettingsResponse xmlns="${messages}"><ResponseMessage ResponseClass="Success">` +
      `<ResponseCode>NoError</ResponseCode></ResponseMessage><OofSettings xmlns="${types}">` +
      `<OofState>${settings.state}</OofState><ExternalAudience>${settings.externalAudience}</ExternalAudience>` +
      (duration === '' ? '' : `<Duration>${duration}</Duration>`) +
      `<InternalReply><Message>${escapeXml(settings.internalReply)}</Message></InternalReply>` +
      `<ExternalReply><Message>${escapeXml(settings.externalReply)}</Message></ExternalReply>` +
      `</OofSettings><AllowExternalOof>All</AllowExternalOof></GetUserOofSettingsResponse>`,
  )
}

export function readOofResponse(document: string | Uint8Array): OofSettings | XmlFault {
  const body = readEnvelope(document)
  if (isXmlFault(body)) return body
  if (!isMessage(body, 'GetUserOofSettingsResponse')) return notSchema('GetUserOofSettingsResponse')
  const verdict = child(body, messages, 'ResponseMessage')
  const code = child(verdict, messages, 'ResponseCode')?.text ?? ''
  if (verdict?.attributes.get('ResponseClass') !== 'Success') {
    return { fault: code, text: child(verdict, messages, 'MessageText')?.text ?? code }
  }
  return readSettings(child(body, types, 'OofSettings'))
}

function readSettings(node: XmlElement | undefined): OofSettings | XmlFault {
  const state = states.find((s) => s === child(node, types, 'OofState')?.text)
  const externalAudience = audiences.find((a) => a === child(node, types, 'ExternalAudience')?.text)
  if (state === undefined || externalAudience === undefined) return notSchema('OofState and ExternalAudience')
  const duration = child(node, types, 'Duration')
  const start = wallOf(child(duration, types, 'StartTime')?.text)
  const end = wallOf(child(duration, types, 'EndTime')?.text)
  if (duration !== undefined && (start === undefined || end === undefined)) return notSchema('StartTime and EndTime')
  return {
    state,
    externalAudience,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    internalReply: message(node, 'InternalReply'),
    externalReply: message(node, 'ExternalReply'),
  }
}

/** An xs:dateTime as wall ms; one without a zone, as in Microsoft's own sample, is read as UTC. */
function wallOf(text: string | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?$/.exec(text?.trim() ?? '')
  const wall = Date.parse(`${match?.[1] ?? ''}${match?.[2] ?? 'Z'}`)
  return Number.isNaN(wall) ? undefined : wall
}

const date = (wall: number): string => new Date(wall).toISOString()
const isMessage = (node: XmlElement, name: string): boolean => node.name === name && node.namespace === messages
const message = (node: XmlElement | undefined, reply: string): string =>
  child(child(node, types, reply), types, 'Message')?.text ?? ''
