/** One header field: the name as it was written (compact forms kept), the value unfolded and trimmed. */
export interface HeaderField {
  readonly name: string
  readonly value: string
}

/** RFC 3261 §7.3.3 and the registry: compact form to long name, both in lower case. */
const compact: ReadonlyMap<string, string> = new Map(
  `a accept-contact, b referred-by, c content-type, d request-disposition, e content-encoding, f from, i call-id,
   j reject-contact, k supported, l content-length, m contact, n identity-info, o event, r refer-to, s subject, t to,
   u allow-events, v via, x session-expires, y identity`
    .split(/,\s+/)
    .map((pair) => [pair.slice(0, 1), pair.slice(2)]),
)

/** The name under which two spellings of a header are the same: lower case, long form. */
export function canonical(name: string): string {
  const lower = name.toLowerCase()
  return compact.get(lower) ?? lower
}

/** An ordered, immutable list of header fields: order, case, compact forms and unknown headers are kept. */
export class Headers implements Iterable<HeaderField> {
  readonly #fields: readonly HeaderField[]
  #keys: readonly string[] | undefined

  constructor(fields: readonly HeaderField[] = []) {
    this.#fields = fields
  }

  [Symbol.iterator](): Iterator<HeaderField> {
    return this.#fields[Symbol.iterator]()
  }

  /** The first field's value. */
  get(name: string): string | undefined {
    return this.#fields[this.#names().indexOf(canonical(name))]?.value
  }

  /** Every field's value, top first, comma lists not taken apart. */
  all(name: string): readonly string[] {
    const wanted = canonical(name)
    const keys = this.#names()
    return this.#fields.filter((_, i) => keys[i] === wanted).map((f) => f.value)
  }

  has(name: string): boolean {
    return this.#names().includes(canonical(name))
  }

  /** Adds fields at the end. */
  add(...fields: readonly HeaderField[]): Headers {
    return new Headers([...this.#fields, ...fields])
  }

  /** Adds fields at the top, as a Via is. */
  prepend(...fields: readonly HeaderField[]): Headers {
    return new Headers([...fields, ...this.#fields])
  }

  /** One field of that name in place of all it had: where the first stood, else at the end. */
  set(name: string, value: string): Headers {
    const wanted = canonical(name)
    const keys = this.#names()
    const first = keys.indexOf(wanted)
    if (first < 0) return this.add({ name, value })
    const kept = this.#fields.map((f, i) => (i === first ? { name: f.name, value } : f))
    return new Headers(kept.filter((_, i) => i === first || keys[i] !== wanted))
  }

  without(name: string): Headers {
    const wanted = canonical(name)
    const keys = this.#names()
    return new Headers(this.#fields.filter((_, i) => keys[i] !== wanted))
  }

  #names(): readonly string[] {
    return (this.#keys ??= this.#fields.map((f) => canonical(f.name)))
  }
}
