import type { SrtpKey } from './face.ts'

/** Keeps the SRTP context of a key across a renewed offer: its roll-over counter and replay list live as long as the key (RFC 3711 §3.3.1). */
export class Keyed<Context> {
  readonly #make: (key: SrtpKey) => Context
  #key: SrtpKey | undefined
  #context: Context | undefined

  constructor(make: (key: SrtpKey) => Context) {
    this.#make = make
  }

  /** `undefined`: plain RTP. */
  use(key: SrtpKey | undefined): void {
    if (key === undefined || this.#key === undefined || !sameKey(key, this.#key)) {
      this.#context = key && this.#make(key)
    }
    this.#key = key
  }

  get context(): Context | undefined {
    return this.#context
  }
}

const sameKey = (a: SrtpKey, b: SrtpKey): boolean => sameBytes(a.key, b.key) && sameBytes(a.salt, b.salt)

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
