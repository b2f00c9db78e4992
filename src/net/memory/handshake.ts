import type { TlsClient, TlsServer } from '../../kernel/tls.ts'
import type { Handshake } from '../sockets.ts'
import type { PipeEnd } from './pipe.ts'
import { handshakeRecord } from './wire-socket.ts'

/**
 * TLS 1.3 (RFC 8446 §2) as far as a judgement needs it: three flights that carry the certificates. Keys are not agreed and nothing is
 * encrypted; who sends something else does not come through, as on a real port.
 */

const settled = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' } as const

class HandshakeFailed extends Error {
  readonly code: string

  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}

interface Flight {
  readonly name: 'ClientHello' | 'ServerHello' | 'Finished'
  /** PEM; empty when there is no certificate. */
  readonly chain: string
}

type Outcome = (result: Handshake | Error) => void

/** ClientHello, then what the server shows. */
export function clientHandshake(end: PipeEnd, { identity }: TlsClient, done: Outcome): void {
  send(end, { name: 'ClientHello', chain: '' })
  expectFlight(end, 'ServerHello', done, ({ chain }) => {
    send(end, { name: 'Finished', chain: identity?.chain ?? '' })
    done({ chain: derOf(chain), ...settled })
  })
}

/** What the client shows, when it is asked for. */
export function serverHandshake(end: PipeEnd, { identity, clientCertificate }: TlsServer, done: Outcome): void {
  expectFlight(end, 'ClientHello', done, () => {
    send(end, { name: 'ServerHello', chain: identity.chain })
    expectFlight(end, 'Finished', done, ({ chain }) => {
      done({ chain: clientCertificate === 'none' ? [] : derOf(chain), ...settled })
    })
  })
}

function send(end: PipeEnd, flight: Flight): void {
  end.write(Buffer.concat([Buffer.of(handshakeRecord), Buffer.from(JSON.stringify(flight))]))
}

function expectFlight(end: PipeEnd, name: Flight['name'], failed: Outcome, came: (flight: Flight) => void): void {
  let over = false
  const once = (then: () => void): void => {
    if (!over) then()
    over = true
  }
  const closed = (error?: Error): void =>
    once(() =>
      failed(error ?? new HandshakeFailed('ECONNRESET', 'the connection was closed before TLS was established')),
    )
  end.handle({
    data: (bytes) =>
      once(() => {
        const flight = read(bytes)
        if (flight?.name === name) came(flight)
        else failed(new HandshakeFailed('ERR_SSL_WRONG_VERSION_NUMBER', 'what came is no TLS'))
      }),
    ended: closed,
    closed,
  })
}

function read(bytes: Uint8Array): Flight | undefined {
  if (bytes[0] !== handshakeRecord) return undefined
  try {
    return JSON.parse(Buffer.from(bytes.subarray(1)).toString()) as Flight
  } catch {
    return undefined
  }
}

function derOf(pem: string): readonly Uint8Array[] {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)]
  return blocks.map(([, base64 = '']) => Buffer.from(base64, 'base64'))
}
