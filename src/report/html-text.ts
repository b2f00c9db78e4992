/** Text made safe for HTML and XML, in content and in quoted attributes; what XML 1.0 §2.2 forbids or discourages becomes a mark. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{7E}\u{A0}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0) ?? 0};`)
}

/** Text for one line of a terminal: line ends become spaces, other control characters (escape sequences begin with one) a mark. */
export function printable(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').replace(/\p{Cc}/gu, '\uFFFD')
}

/** A name for a file or an anchor: letters of ASCII in lower case, digits and hyphens, at most 60 characters. */
export function slug(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const name = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 60)
    .replace(/-$/, '')
  return name || 'scenario'
}

/** At most `length` characters; an ellipsis stands for what was left out. */
export function shorter(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length <= length ? text : `${characters.slice(0, Math.max(0, length - 1)).join('')}…`
}

/** Milliseconds as seconds, as in `12.3 s`. */
export const seconds = (ms: number, digits = 1): string => `${(ms / 1000).toFixed(digits)} s`
