import { XMLParser } from 'fast-xml-parser'
import { deepestXml, syntaxFault } from './xml-syntax.ts'

/** An element with its namespace resolved; `text` holds its own character data, entities and CDATA resolved. */
export interface XmlElement {
  /** Local name. */
  readonly name: string
  readonly namespace: string
  /** By name as written, prefix and all. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  readonly text: string
}

/** What stood in place of what was asked for: `fault` is a code, `text` a sentence. */
export interface XmlFault {
  readonly fault: string
  readonly text: string
}

/** Largest document read, in bytes (or characters of a string). */
export const largestXml = 256 * 1024
const mostNamespaces = 64

type Row = Readonly<Record<string, unknown>>
type Namespaces = ReadonlyMap<string, string>

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: deepestXml,
})

const predefined: ReadonlyMap<string, string> = new Map(
  Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }),
)
const reserved: Namespaces = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']])
const attributesRow = ':@'
/** What XML 1.0 §2.2 has no character for. */
const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

export const isXmlFault = (value: object): value is XmlFault => 'fault' in value

/** Reads a document: no DOCTYPE, no entities but the five of XML 1.0 §4.6, bounded in size and depth. Never throws. */
export function readXml(document: string | Uint8Array): XmlElement | XmlFault {
  if (document.length > largestXml) return refused(`larger than ${largestXml} bytes`)
  try {
    const text = typeof document === 'string' ? document : new TextDecoder('utf-8', { fatal: true }).decode(document)
    const fault = syntaxFault(text)
    if (fault !== undefined) return refused(fault)
    const root = rowsOf(parser.parse(text)).find((row) => !('#text' in row))
    return root === undefined ? refused('no root element') : element(root, reserved)
  } catch (thrown) {
    return refused(thrown instanceof Error ? thrown.message : 'not readable')
  }
}

function element(row: Row, outer: Namespaces): XmlElement {
  const qualified = Object.keys(row).find((key) => key !== attributesRow) ?? ''
  const attributes = attributesOf(row[attributesRow])
  const namespaces = declared(attributes, outer)
  const content = rowsOf(row[qualified])
  const [prefix, name] = qualified.includes(':') ? split(qualified) : ['', qualified]
  const namespace = namespaces.get(prefix)
  if (namespace === undefined && prefix !== '') throw new Error(`the prefix of ${qualified} is not declared`)
  return {
    name,
    namespace: namespace ?? '',
    attributes,
    children: content
      .filter((part) => !('#text' in part) && !('#cdata' in part))
      .map((part) => element(part, namespaces)),
    text: content.map(characters).join(''),
  }
}

function characters(row: Row): string {
  const cdata = row['#cdata']
  return cdata === undefined ? resolved(plain(row)) : rowsOf(cdata).map(plain).join('')
}

const plain = (row: Row): string => (typeof row['#text'] === 'string' ? row['#text'] : '')

function resolved(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]+|#\d+|[^;&\s]*)(;?)/gi, (whole, name: string, end: string) => {
    const known = name.startsWith('#') ? character(name) : predefined.get(name)
    if (known === undefined || end === '') throw new Error(`the entity ${whole} is not declared`)
    return known
  })
}

function character(reference: string): string | undefined {
  const code = /^#x/i.test(reference) ? parseInt(reference.slice(2), 16) : parseInt(reference.slice(1), 10)
  const text = code <= 0x10_ff_ff ? String.fromCodePoint(code).replaceAll(illegal, '') : ''
  return text === '' ? undefined : text
}

function attributesOf(row: unknown): ReadonlyMap<string, string> {
  const pairs = typeof row === 'object' && row !== null ? Object.entries(row) : []
  return new Map(pairs.map(([name, value]) => [name, resolved(String(value))]))
}

function declared(attributes: ReadonlyMap<string, string>, outer: Namespaces): Namespaces {
  const own = [...attributes].filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  if (outer.size + own.length > mostNamespaces) throw new Error(`more than ${mostNamespaces} namespaces`)
  return own.length === 0 ? outer : new Map([...outer, ...own.map(([name, uri]) => [name.slice(6), uri] as const)])
}

const split = (qualified: string): [string, string] => {
  const at = qualified.indexOf(':')
  return [qualified.slice(0, at), qualified.slice(at + 1)]
}
const rowsOf = (value: unknown): readonly Row[] => (Array.isArray(value) ? (value as Row[]) : [])
const refused = (why: string): XmlFault => ({ fault: 'xml-refused', text: `The XML was refused: ${why}.` })

/** The first child of that namespace and name. */
export function child(parent: XmlElement | undefined, namespace: string, name: string): XmlElement | undefined {
  return parent?.children.find((c) => c.name === name && c.namespace === namespace)
}

/** Character data or an attribute's value; what XML 1.0 §2.2 cannot hold is left out. */
export function escapeXml(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '<': '&lt;',
    '>': '&gt;',
    '&': '&amp;',
    '"': '&quot;',
    '\r': '&#13;',
  }
  return text.replaceAll(illegal, '').replaceAll(/[<>&"\r]/g, (c) => escapes[c] ?? c)
}
