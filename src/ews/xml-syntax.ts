/** Deepest nesting of elements read. */
export const deepestXml = 32

/** One comment, CDATA section, processing instruction, tag or run of text: XML 1.0 §2 and §3, without DOCTYPE (§2.8). */
const piece =
  /<!--(?:(?!--)[^])*-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<(\/?)([\p{L}_][\p{L}\p{N}_.:-]*)((?:\s+[\p{L}_][\p{L}\p{N}_.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/uy
const attributeName = /([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')/g

/** What keeps a text from being one well-formed element and what may stand around it; undefined when nothing does. Linear in time. */
export function syntaxFault(text: string): string | undefined {
  const open: string[] = []
  let roots = 0
  piece.lastIndex = 0
  for (let at = 0; at < text.length; at = piece.lastIndex) {
    const match = piece.exec(text)
    if (match === null)
      return text.startsWith('<!', at) ? `a DOCTYPE or other declaration at ${at}` : `no markup at ${at}`
    const [whole, closing, name, attributes = '', empty] = match
    if (name === undefined) {
      if (open.length === 0 && !isBetweenElements(whole)) return `text outside the root element at ${at}`
    } else if (closing !== '') {
      if (open.pop() !== name || attributes !== '' || empty !== '') return `</${name}> out of place at ${at}`
    } else {
      if (repeats(attributes)) return `an attribute of <${name}> stands twice`
      if (open.length === 0 && ++roots > 1) return 'more than one root element'
      if (open.length >= deepestXml) return `deeper than ${deepestXml} elements`
      if (empty === '') open.push(name)
    }
  }
  if (open.length > 0) return `<${open.at(-1) ?? ''}> is not closed`
  return roots === 1 ? undefined : 'no root element'
}

const isBetweenElements = (whole: string): boolean => /^(?:\s+$|<!--|<\?)/.test(whole)

function repeats(attributes: string): boolean {
  const names = [...attributes.matchAll(attributeName)].map(([, name]) => name)
  return new Set(names).size < names.length
}
