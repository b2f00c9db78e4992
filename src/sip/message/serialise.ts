import type { HeaderField } from './headers.ts'
import type { SipMessage } from './message.ts'

/** Writes a message as bytes, with the Content-Length that its body has; nothing in it can begin a new line. */
export function serialise(message: SipMessage): Uint8Array {
  const headers = message.headers.set('Content-Length', String(message.body.length))
  const lines = [...headers].map(fieldLine)
  const head = Buffer.from(`${startLine(message)}\r\n${lines.join('')}\r\n`, 'utf8')
  const bytes = new Uint8Array(head.length + message.body.length)
  bytes.set(head)
  bytes.set(message.body, head.length)
  return bytes
}

function startLine(message: SipMessage): string {
  if (message.type === 'request') return oneLine(`${message.method} ${message.uri} SIP/2.0`)
  return oneLine(`SIP/2.0 ${message.status} ${message.reason}`)
}

function fieldLine({ name, value }: HeaderField): string {
  const written = name.replace(/[\s:]+/g, '')
  return written === '' ? '' : `${written}: ${oneLine(value)}\r\n`
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}
