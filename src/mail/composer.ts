interface Sealed {
  readonly baseBoundary: string
  readonly newline: string
  readonly normalizeHeaderKey: (key: string) => string
  readonly disableFileAccess: true
  readonly disableUrlAccess: true
}

/** Names whose capitals the composer would lose. */
const spelled = new Map(
  [
    'X-CallingTelephoneNumber',
    'X-VoiceMessageDuration',
    'X-VoiceMessageSenderName',
    'X-AttachmentOrder',
    'X-CallID',
  ].map((name) => [name.toLowerCase(), name]),
)

/** Composer options: boundaries handed in, CRLF line ends, headers spelled as Microsoft does, no files and no network. */
export function sealed(boundary: string): Sealed {
  return {
    baseBoundary: boundary.replace(/[^\w.-]/g, '').slice(0, 40),
    newline: 'windows',
    normalizeHeaderKey: (key) => spelled.get(key.toLowerCase()) ?? key,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
