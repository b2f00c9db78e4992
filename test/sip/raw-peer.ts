import type { Address } from '../../src/kernel/address.ts'
import type { Stream } from '../../src/kernel/network.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'

/** A peer that is no engine: sends and keeps text. */
export interface RawPeer {
  readonly received: string[]
  send(text: string): void
  close(): Promise<void>
}

export async function rawDatagrams(network: MemoryNetwork, at: Address, to: Address): Promise<RawPeer> {
  const received: string[] = []
  const socket = await network.bind(at, (bytes) => void received.push(Buffer.from(bytes).toString()))
  return { received, send: (text) => socket.send(Buffer.from(text), to), close: () => socket.close() }
}

/** `state.open` says whether the other side has closed it. */
export async function rawStream(network: MemoryNetwork, to: Address): Promise<RawPeer & { state: { open: boolean } }> {
  const received: string[] = []
  const state = { open: true }
  const stream: Stream = await network.connect(
    { to },
    { data: (bytes) => void received.push(Buffer.from(bytes).toString()), closed: () => (state.open = false) },
  )
  return {
    received,
    state,
    send: (text) => stream.write(Buffer.from(text)),
    close: () => {
      stream.destroy()
      return Promise.resolve()
    },
  }
}

export interface RawRequest {
  readonly method: string
  readonly branch?: string
  readonly cseq?: number
  readonly toTag?: string
  readonly via?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** A request as sipp would write it: no Contact unless asked for. */
export function rawRequest({ method, cseq = 1, toTag, headers = [], body = '', ...more }: RawRequest): string {
  const branch = more.branch ?? `z9hG4bK-${method}-${cseq}`
  const lines = [
    `${method} sip:1001@bob.example.com SIP/2.0`,
    `Via: ${more.via ?? `SIP/2.0/UDP 127.0.10.9:5070;branch=${branch}`}`,
    'From: sipp <sip:sipp@127.0.10.9:5070>;tag=raw1',
    `To: <sip:1001@bob.example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    'Call-ID: raw-call',
    `CSeq: ${cseq} ${method}`,
    ...headers,
    `Content-Length: ${body.length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** A response to a request in text; the tag stands in To where the request has none. */
export function rawResponse(request: string, status: string, toTag: string, headers: readonly string[] = []): string {
  const copied = request.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/.test(line))
  const tagged = copied.map((line) =>
    line.startsWith('To:') && !line.includes(';tag=') ? `${line};tag=${toTag}` : line,
  )
  return `${['SIP/2.0 ' + status, ...tagged, ...headers, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`
}
