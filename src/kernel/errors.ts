/** Every error code of Postern with what it means; docs/errors.md lists the same rows, a test compares the two. */
export const errorCodes = {
  'address-invalid': 'An address is not host:port with a port from 0 to 65535.',
  'application-unknown': 'The exchange role knows no partner application of that id or name.',
  'call-refused': 'The other side answered a call with a final response other than 2xx.',
  'certs-foreign-key': 'A key file stands where `postern certs` would write, and it did not make that file.',
  'file-invalid':
    'A lab or scenario file breaks its schema; each fault is named with file, line, column and what was expected.',
  'file-unreadable': 'A file could not be read: it is missing, or may not be read.',
  interrupted: 'The run was stopped by a signal before this was over.',
  'lab-broken': 'The lab itself failed, not what it tests: a defect of Postern or of the machine.',
  'mailbox-unknown': 'The exchange role has no mailbox of that user, address or extension.',
  'media-open': 'No media port could be bound: the range is used up, or the host is not ours.',
  'network-closed': 'A connection ended, or the endpoint was closed, while an answer was awaited.',
  'network-connect': 'A connection could not be opened: refused, unreachable or timed out.',
  'network-listen': 'A listener could not be opened: the address is in use or is not ours.',
  'request-invalid': 'A request to the control face is not what its route takes.',
  'sdp-invalid': 'A session description could not be read.',
  'sdp-not-acceptable': 'An offer has nothing we accept; the detail says what was missing (RFC 3261 §21.4.26).',
  'sip-timeout': 'No final response came in time (RFC 3261 timers B, C and F).',
  'store-failed': 'The disk refused to read, write or sync.',
  'tls-refused': 'The certificate of the peer was judged and refused; the detail holds the reason.',
  'tls-refused-by-peer':
    'The peer closed the connection during or right after the TLS handshake: it refused our certificate.',
  usage: 'The command line is not one that Postern knows.',
  'wav-invalid':
    'A sound file is not a WAVE file of PCM (8 or 16 bits), A-law or μ-law; the detail holds the byte offset.',
} as const

export type ErrorCode = keyof typeof errorCodes

export interface ErrorDetail {
  /** What a person can do next. */
  readonly next?: string
  readonly cause?: unknown
  /** Further facts for reports: plain data. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/** The one error class: a stable `code`, a message that says what, where and what was expected. */
export class PosternError extends Error {
  override readonly name = 'PosternError'
  readonly code: ErrorCode
  readonly next: string | undefined
  readonly detail: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, more: ErrorDetail = {}) {
    super(message, { cause: more.cause })
    this.code = code
    this.next = more.next
    this.detail = more.detail ?? {}
  }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
