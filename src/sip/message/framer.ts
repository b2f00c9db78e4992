import { readHead, type Head } from './head.ts'
import { Headers } from './headers.ts'
import { complete, contentLength, failed, maxMessageBytes, tooLong, type ParseResult } from './parse.ts'

/** One message or fault of a stream, or the CRLF CRLF of RFC 5626 §3.5.1. */
export type FramerOutput = ParseResult | 'ping'

interface Pending {
  readonly head: Head
  readonly headers: Headers
  /** Bytes of head and body. */
  readonly total: number
}

/** Cuts a TCP or TLS stream into messages by Content-Length (RFC 3261 §18.3), however the bytes arrive. Never throws. */
export class Framer {
  readonly #maxBytes: number
  #bytes = Buffer.alloc(0)
  /** Where the search for the empty line goes on. */
  #searched = 0
  #pending: Pending | undefined
  #broken = false

  constructor(limits: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = limits.maxBytes ?? maxMessageBytes
  }

  /** `true` once the next message's beginning is unknown: the stream is of no more use, and nothing more is read. */
  get broken(): boolean {
    return this.#broken
  }

  push(bytes: Uint8Array): readonly FramerOutput[] {
    if (this.#broken) return []
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    const outputs: FramerOutput[] = []
    for (let output = this.#next(); output !== undefined; output = this.#next()) outputs.push(output)
    return outputs
  }

  #next(): FramerOutput | undefined {
    if (this.#broken) return undefined
    if (this.#pending === undefined) {
      const gap = this.#gap()
      if (gap !== 'message') return gap === 'wait' ? undefined : gap
      const head = this.#head()
      if (head !== undefined) return head
    }
    return this.#message()
  }

  /** What stands between two messages. */
  #gap(): 'ping' | 'wait' | 'message' {
    for (;;) {
      const four = this.#bytes.toString('latin1', 0, 4)
      if (four === '\r\n\r\n') {
        this.#take(4)
        return 'ping'
      }
      if ('\r\n\r\n'.startsWith(four)) return 'wait'
      if (!four.startsWith('\r\n')) return 'message'
      this.#take(2)
    }
  }

  /** Reads the head once it is whole; the answer is a fault that ends the stream. */
  #head(): ParseResult | undefined {
    const found = this.#bytes.indexOf('\r\n\r\n', this.#searched, 'latin1')
    const size = found < 0 ? this.#bytes.length : found + 4
    if (size > this.#maxBytes) return this.#break(tooLong(this.#maxBytes))
    this.#searched = Math.max(0, size - 3)
    if (found < 0) return undefined

    const head = readHead(this.#bytes.subarray(0, size))
    const headers = new Headers(head.fields)
    const length = contentLength(headers)
    if (typeof length !== 'number') {
      const reason = `Content-Length is ${length ?? 'missing'}`
      return this.#break(failed(head, headers, new Uint8Array(), head.fault ?? { reason, offset: size }))
    }
    const total = head.end + length
    if (total > this.#maxBytes) {
      const reason = `the message is longer than ${this.#maxBytes} bytes`
      return this.#break(failed(head, headers, new Uint8Array(), { reason, offset: this.#maxBytes }))
    }
    this.#pending = { head, headers, total }
    return undefined
  }

  #message(): ParseResult | undefined {
    if (this.#pending === undefined || this.#bytes.length < this.#pending.total) return undefined
    const { head, headers, total } = this.#pending
    const result = complete(head, headers, this.#bytes.subarray(0, total))
    this.#take(total)
    return result
  }

  #take(count: number): void {
    this.#bytes = this.#bytes.subarray(count)
    this.#searched = 0
    this.#pending = undefined
  }

  #break(result: ParseResult): ParseResult {
    this.#broken = true
    this.#bytes = Buffer.alloc(0)
    return result
  }
}
