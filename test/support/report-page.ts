const unescape = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))

/** What each row of the page's ladders says, one after the other, as in `0.002 s, caller to pbx over udp: INVITE sip:…`. */
export const ladderTitles = (page: string): string[] =>
  [...page.matchAll(/<title>([^<]*)<\/title>/g)].slice(1).map(([, text = '']) => unescape(text))

/** The stations of each ladder, from left to right. */
export const stationsOf = (page: string): string[] =>
  [...page.matchAll(/<text class="station"[^>]* y="16">([^<]*)</g)].map(([, text = '']) => unescape(text))

const markup = /<(\/?)([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g

/** The name of every element in XML without CDATA or comments. @throws Error unless it is well-formed: each closed in its place, nothing unescaped */
export function elements(document: string): Set<string> {
  const text = document.replace(/^(?:<\?xml [^?]*\?>|<!doctype html>)\n/, '')
  const open: string[] = []
  for (const [tag, end, name = '', , empty] of text.matchAll(markup)) {
    if (end === '/' && open.pop() !== name) throw new Error(`${tag} closes another element`)
    if (end === '' && empty === '') open.push(name)
  }
  const stray = /<|&(?!#\d+;).{0,20}/.exec(text.replace(markup, ''))
  if (open.length > 0 || stray !== null)
    throw new Error(`left open: ${open.join(' ')}; not escaped: ${stray?.[0] ?? ''}`)
  return new Set([...text.matchAll(markup)].map(([, , name = '']) => name))
}
