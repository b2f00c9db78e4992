import { constants } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  DEFAULT_CIPHERS,
  type SecureContextOptions,
  type TlsOptions,
  type TLSSocket,
} from 'node:tls'
import type { Address } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import { PosternError } from '../kernel/errors.ts'
import type { Identity, PeerJudgement, TlsClient, TlsServer } from '../kernel/tls.ts'
import { judge } from '../pki/judge.ts'
import type { NetEvent, TlsJudged } from './events.ts'

/** Node's list at OpenSSL's security level 2: 112 bits, so no RSA below 2048 and no SHA-1 in a chain of ours. */
const ciphers = `${DEFAULT_CIPHERS}:@SECLEVEL=2`

/**
 * What both sides share. No session is resumed from a ticket and none is renegotiated: either would bring a peer whose chain was
 * never shown, or shown anew after it was judged.
 */
function contextOptions(anchors: readonly string[], identity: Identity | undefined): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ciphers,
    ca: [...anchors],
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    ...(identity === undefined ? {} : { cert: identity.chain, key: identity.key }),
  }
}

/** For tls.createServer and https.createServer: OpenSSL refuses nobody, `admit` does. */
export function serverOptions(tls: TlsServer): TlsOptions {
  return {
    ...contextOptions(tls.anchors, tls.identity),
    requestCert: tls.clientCertificate === 'required',
    rejectUnauthorized: false,
  }
}

/** For tls.connect and https.request (there with an agent whose maxCachedSessions is 0): OpenSSL refuses nobody, `admit` does. */
export function clientOptions(tls: TlsClient): ConnectionOptions {
  return {
    ...contextOptions(tls.anchors, tls.identity),
    servername: isIP(tls.serverName) === 0 ? tls.serverName : '',
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  }
}

/** Which side of a handshake we are, and what we ask of the other. */
export type TlsSide =
  { readonly side: 'server'; readonly tls: TlsServer } | { readonly side: 'client'; readonly tls: TlsClient }

/** What our verifier makes of the peer of a finished handshake, at a wall time in ms. */
export function judgeSocket(socket: TLSSocket, ours: TlsSide, at: number): PeerJudgement {
  if (ours.side === 'server' && ours.tls.clientCertificate === 'none') return { verdict: 'anonymous', names: [] }
  const names = ours.side === 'client' ? [ours.tls.serverName] : ours.tls.peerNames
  const openssl = opensslVerdict(socket)
  return judge({
    chain: peerChain(socket),
    anchors: ours.tls.anchors,
    at,
    usage: ours.side === 'client' ? 'serverAuth' : 'clientAuth',
    ...(names === undefined ? {} : { names }),
    rules: ours.tls.names,
    ...(openssl === undefined ? {} : { openssl }),
  })
}

/** DER, as sent, leaf first; no longer than OpenSSL allows. */
export function peerChain(socket: TLSSocket): Uint8Array[] {
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

/** What judging needs of the network. */
export interface Judging {
  readonly clock: { wall(): number }
  readonly emit: Emit<NetEvent>
}

/**
 * Judges the peer of a finished handshake, says so, and ends the connection unless it may go on: a server goes on with `wrong-name`,
 * a client with `trusted` alone. Call it before a byte is read.
 */
export function admit({ clock, emit }: Judging, socket: TLSSocket, ours: TlsSide): PeerJudgement {
  const peer = judgeSocket(socket, ours, clock.wall())
  const accepted = mayGoOn(ours.side, peer.verdict)
  emit({ type: accepted ? 'tls.accepted' : 'tls.refused', ...judged(socket, ours.side, peer) })
  if (!accepted) socket.destroy()
  return peer
}

const mayGoOn = (side: TlsSide['side'], verdict: PeerJudgement['verdict']): boolean =>
  verdict === 'trusted' || (side === 'server' && verdict !== 'refused')

function judged(socket: TLSSocket, side: TlsSide['side'], peer: PeerJudgement): TlsJudged {
  const version = socket.getProtocol()
  return {
    side,
    local: localOf(socket),
    remote: remoteOf(socket),
    ...peer,
    ...(version === null ? {} : { version }),
    cipher: socket.getCipher().standardName,
  }
}

/** What a client says of a server it did not go on with. */
export function refusal(remote: string, { reason, text, names, subject, openssl }: PeerJudgement): PosternError {
  return new PosternError(
    'tls-refused',
    `the certificate of ${remote} was refused: ${text ?? reason ?? 'not trusted'}`,
    {
      next: 'give that server a certificate that the anchors and the name in the lab file fit, or correct those',
      detail: { reason, text, names, subject, openssl },
    },
  )
}

/** What a client says of a server that did not go on with it. */
export function refusalByPeer(remote: string, cause: Error | undefined): PosternError {
  const how = cause === undefined ? 'without an alert' : cause.message
  const text = `${remote} closed the TLS connection before it sent a byte: ${how}`
  return new PosternError('tls-refused-by-peer', text, {
    next: 'see whether that server trusts the authority of our certificate, and read its log: it gives no better reason over the wire',
    cause,
  })
}

/** The addresses of a connected socket; IPv4 inside IPv6 is written as IPv4. */
export const localOf = (socket: Socket): Address => address(socket.localAddress, socket.localPort)
export const remoteOf = (socket: Socket): Address => address(socket.remoteAddress, socket.remotePort)

const address = (host = '', port = 0): Address => ({ host: host.replace(/^::ffff:(?=\d+\.)/i, ''), port })
