import forge from 'node-forge'

const { asn1 } = forge
type Asn1 = forge.asn1.Asn1

/** What Node's X509Certificate does not tell. */
export interface Der {
  /** Of the subject, in their order. Read here: in Node 24 `toLegacyObject` ends the process on some malformed certificates. */
  readonly commonNames: readonly string[]
  readonly alternative?: { readonly dns: readonly string[]; readonly uris: readonly string[] }
  readonly weakDigest?: string
  readonly usages?: readonly string[]
  readonly pathLength?: number
}

/** RFC 5280 §4.1: Certificate is tbsCertificate, signatureAlgorithm, signature. @throws on anything else */
export function readDer(raw: Uint8Array): Der {
  const [tbs, algorithm] = children(asn1.fromDer(Buffer.from(raw).toString('latin1')))
  const parts = children(tbs)
  const extensions = readExtensions(parts)
  const names = extensions.get(oids.subjectAltName)
  const usage = extensions.get(oids.extKeyUsage)
  const weakDigest = digestOf(algorithm)
  const pathLength = pathLengthOf(extensions.get(oids.basicConstraints))
  return {
    commonNames: commonNamesOf(parts),
    ...(names === undefined ? {} : { alternative: { dns: valuesOf(names, 2), uris: valuesOf(names, 6) } }),
    ...(usage === undefined ? {} : { usages: children(usage).map(oidOf) }),
    ...(weakDigest === undefined ? {} : { weakDigest }),
    ...(pathLength === undefined ? {} : { pathLength }),
  }
}

const oids = {
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  subjectAltName: '2.5.29.17',
  extKeyUsage: '2.5.29.37',
} as const

/** Signature algorithms by RFC 8017 §A.2.4, RFC 3279 §2.2 and OIW, and bare digests. */
const weak: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'MD2',
  '1.2.840.113549.1.1.3': 'MD4',
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.3.14.3.2.29': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
  '1.3.14.3.2.26': 'SHA-1',
  '1.2.840.113549.2.5': 'MD5',
}

const rsassaPss = '1.2.840.113549.1.1.10'

/** The digest of RSASSA-PSS stands in its parameters, SHA-1 when left out (RFC 4055 §3.1). */
function digestOf(algorithm: Asn1 | undefined): string | undefined {
  const [oid, parameters] = children(algorithm)
  const name = oidOf(oid)
  if (name !== rsassaPss) return weak[name]
  const digest = children(parameters).find((part) => isContext(part, 0))
  return digest === undefined ? 'SHA-1' : weak[oidOf(children(children(digest)[0])[0])]
}

/** RFC 5280 §4.1.2.9: extensions are [3] of the tbsCertificate; each is an OID, perhaps a flag, and an OCTET STRING. */
function readExtensions(tbs: readonly Asn1[]): Map<string, Asn1> {
  const list = tbs.find((part) => isContext(part, 3))
  if (list === undefined) return new Map()
  return new Map(
    children(children(list)[0]).map((extension) => {
      const parts = children(extension)
      return [oidOf(parts[0]), asn1.fromDer(textOf(parts.at(-1)))]
    }),
  )
}

/** RFC 5280 §4.1.2: after version, serial number, signature, issuer and validity comes the subject: sets of type and value. */
function commonNamesOf(tbs: readonly Asn1[]): string[] {
  const [first] = tbs
  const subject = tbs[first !== undefined && isContext(first, 0) ? 5 : 4]
  return children(subject)
    .flatMap(children)
    .map(children)
    .filter(([type]) => oidOf(type) === oids.commonName)
    .map(([, value]) => directoryText(value))
}

/** UTF8String is read as such; the other types of DirectoryString come as characters already. */
function directoryText(node: Asn1 | undefined): string {
  const text = textOf(node)
  return node?.type === asn1.Type.UTF8 ? Buffer.from(text, 'latin1').toString('utf8') : text
}

const valuesOf = (names: Asn1, tag: number): string[] =>
  children(names)
    .filter((n) => isContext(n, tag))
    .map(textOf)

/** BasicConstraints is an optional BOOLEAN and an optional INTEGER. */
function pathLengthOf(constraints: Asn1 | undefined): number | undefined {
  if (constraints === undefined) return undefined
  const length = children(constraints).find(({ type }) => type === asn1.Type.INTEGER)
  return length === undefined ? undefined : asn1.derToInteger(textOf(length))
}

const isContext = ({ tagClass, type }: Asn1, tag: number): boolean =>
  tagClass === asn1.Class.CONTEXT_SPECIFIC && (type as number) === tag

function children(node: Asn1 | undefined): Asn1[] {
  if (node === undefined || typeof node.value === 'string') throw new Error('expected a constructed ASN.1 value')
  return node.value
}

function textOf(node: Asn1 | undefined): string {
  if (typeof node?.value !== 'string') throw new Error('expected a primitive ASN.1 value')
  return node.value
}

const oidOf = (node: Asn1 | undefined): string => asn1.derToOid(textOf(node))
