/** Text from callers and peers, made fit for a header, a file name or a notification. */

const breaking = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu
/** Bidirectional controls and invisible formatting: they make a line read as something it is not. */
const deceptive = /[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]/g

/** One line without control, bidirectional or lone surrogate characters, at most `longest` characters. */
export function oneLine(text: string, longest = 200): string {
  const clipped = text.slice(0, 4 * longest)
  const clean = clipped.replace(deceptive, '').replace(breaking, ' ').replace(/ {2,}/g, ' ').trim()
  return Array.from(clean).slice(0, longest).join('').trim()
}

/** As `oneLine`, and everything past ASCII as `?`: for fields that know no encoding (RFC 3464 §2.1.2). */
export function asciiLine(text: string, longest = 200): string {
  return oneLine(text, longest).replace(/[^\x20-\x7e]/gu, '?')
}

/** Part of a file name: without path separators, quotes, wildcards and the `;` that parts a list of names. */
export function fileNamePart(text: string, longest = 80): string {
  return oneLine(text, longest)
    .replace(/[/\\:;*?"<>|]/g, '_')
    .replace(/^\.+/, '_')
}

/** `id` in angle brackets, with nothing in it that a msg-id cannot hold (RFC 5322 §3.6.4). */
export function messageIdOf(id: string): string {
  return `<${asciiLine(id, 240).replace(/[\s<>"(),:;[\\\]]/g, '')}>`
}
