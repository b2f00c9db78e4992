import type { EventEmitter } from 'node:events'
import { connect, createServer, type AddressInfo, type LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls'
import type { TlsClient, TlsServer } from '../kernel/tls.ts'
import { clientOptions, serverOptions } from './tls-options.ts'

/** A connected socket as far as it is used here: Node's, or one in memory. */
export interface StreamSocket extends Duplex {
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly bytesWritten: number
  destroySoon(): void
}

/** Emits `connection`, over TLS `secureConnection` or `tlsClientError` after it, `listening`, `error` and `close`. */
export interface StreamServer extends EventEmitter {
  listen(at: { readonly host: string; readonly port: number }): unknown
  address(): AddressInfo | string | null
  close(): unknown
}

export interface Where {
  readonly host: string
  readonly port: number
  /** Host to connect from. */
  readonly localAddress?: string
  readonly lookup?: LookupFunction
}

/** Where streams come from: Node's modules `net` and `tls`, or a wire in memory. */
export interface Sockets {
  /** Emits `connect`, or `error`. */
  connect(where: Where): StreamSocket
  /** Emits `connect`, then `secureConnect`, or `error`. Nobody is refused: that is for who looks at the handshake. */
  connectTls(where: Where, tls: TlsClient): StreamSocket
  serve(): StreamServer
  serveTls(tls: TlsServer): StreamServer
}

/** Typed as an option of `net.connect` alone; `tls.connect` hands it on. */
const undelayed: object = { noDelay: true }

export const nodeSockets: Sockets = {
  connect: (where) => connect({ ...where, noDelay: true }),
  connectTls: (where, tls) => connectTls({ ...where, ...undelayed, ...clientOptions(tls) }),
  serve: () => createServer({ noDelay: true }),
  serveTls: (tls) => createTlsServer({ ...serverOptions(tls), noDelay: true }),
}

/** What a finished handshake showed. */
export interface Handshake {
  /** DER, as sent, leaf first; empty when the peer sent none. */
  readonly chain: readonly Uint8Array[]
  /** OpenSSL's own verdict against it, as in `CERT_HAS_EXPIRED`. */
  readonly openssl?: string
  /** As in `TLSv1.3`. */
  readonly version?: string
  /** As in `TLS_AES_256_GCM_SHA384`. */
  readonly cipher?: string
}

/** A socket that went through the model of a handshake. */
interface Modelled {
  readonly handshake: Handshake
}

/** What the handshake of a socket showed; nothing when it is not over TLS. */
export function handshakeOf(socket: StreamSocket): Handshake {
  if (socket instanceof TLSSocket) {
    const openssl = opensslVerdict(socket)
    const version = socket.getProtocol()
    return {
      chain: peerChain(socket),
      ...(openssl === undefined ? {} : { openssl }),
      ...(version === null ? {} : { version }),
      cipher: socket.getCipher().standardName,
    }
  }
  return isModelled(socket) ? socket.handshake : { chain: [] }
}

const isModelled = (socket: object): socket is Modelled => 'handshake' in socket && socket.handshake !== undefined

/** DER, as sent, leaf first; no longer than OpenSSL allows. */
function peerChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && chain.length < 20) {
    chain.push(certificate.raw)
    certificate = certificate.issuerCertificate
  }
  return chain
}

/** Typed as an error, in truth OpenSSL's code, as in `CERT_HAS_EXPIRED`. */
function opensslVerdict({ authorizationError }: TLSSocket): string | undefined {
  const verdict: unknown = authorizationError
  if (typeof verdict === 'string') return verdict
  return verdict instanceof Error ? verdict.message : undefined
}
