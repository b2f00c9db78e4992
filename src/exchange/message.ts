/** What a receive connector looks at in a message. */
export interface MessageFacts {
  /** Message-ID with its brackets; undefined when there is none. */
  readonly id: string | undefined
  /** Message class, [MS-OXCMAIL] §2.2.3.2.15; IPM.Note unless promoted. */
  readonly class: string
}

const plainNote = 'IPM.Note'
const voiceTypes = /^audio\/(?:gsm|mp3|wav|wma)$/

type Requirement = (types: readonly string[]) => boolean
const hasVoice: Requirement = (types) => types.some((type) => voiceTypes.test(type))
const isFax: Requirement = ([top, first, second]) =>
  top === 'multipart/mixed' && first === 'text/html' && second === 'image/tiff'

/**
 * Content-Class to message class. Lab choice, where Microsoft's text could not be read: a voice class needs one part of a
 * voice audio type anywhere (Microsoft's own samples are multipart/mixed), a missed call needs none.
 */
const classes = new Map<string, readonly [string, Requirement]>([
  ['fax', ['IPM.Note.Microsoft.Fax', isFax]],
  ['fax-ca', ['IPM.Note.Microsoft.Fax.CA', isFax]],
  ['missedcall', ['IPM.Note.Microsoft.Missed.Voice', () => true]],
  ['voice-uc', ['IPM.Note.Microsoft.Conversation.Voice', hasVoice]],
  ['voice-ca', ['IPM.Note.Microsoft.Voicemail.UM.CA', hasVoice]],
  ['voice', ['IPM.Note.Microsoft.Voicemail.UM', hasVoice]],
])

/** Never throws: what is not there is not said. */
export function readMessage(message: Uint8Array): MessageFacts {
  const text = Buffer.from(message).toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length
  const head = text.slice(0, end).replaceAll(/\r?\n[ \t]+/g, ' ')
  return { id: /<[^<>\s]{1,900}>/.exec(field(head, 'Message-ID') ?? '')?.[0], class: classOf(head, text) }
}

function classOf(head: string, text: string): string {
  const content = field(head, 'Content-Class') ?? ''
  const custom = /^urn:content-class:custom\.([\w.-]+)$/i.exec(content)?.[1]
  if (custom !== undefined) return `${plainNote}.Custom.${custom}`
  const [promoted, requirement] = classes.get(content.toLowerCase()) ?? [plainNote, () => true]
  return requirement(contentTypes(text)) ? promoted : plainNote
}

/** Every Content-Type of the message in the order it stands, the top one first when a message has one. */
function contentTypes(text: string): readonly string[] {
  return [...text.matchAll(/^Content-Type:[ \t]*(?:\r?\n[ \t]+)?([\w.+-]+\/[\w.+-]+)/gim)].map(([, t = '']) =>
    t.toLowerCase(),
  )
}

function field(head: string, name: string): string | undefined {
  return new RegExp(`^${name}[ \\t]*:(.*)$`, 'im').exec(head)?.[1]?.trim()
}
