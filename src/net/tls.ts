import type { Address } from '../kernel/address.ts'
import type { Emit } from '../kernel/bus.ts'
import { PosternError } from '../kernel/errors.ts'
import type { PeerJudgement, TlsClient, TlsServer } from '../kernel/tls.ts'
import { judge } from '../pki/judge.ts'
import type { NetEvent, TlsJudged } from './events.ts'
import { handshakeOf, type Handshake, type StreamSocket } from './sockets.ts'

/** Which side of a handshake we are, and what we ask of the other. */
export type TlsSide =
  { readonly side: 'server'; readonly tls: TlsServer } | { readonly side: 'client'; readonly tls: TlsClient }

/** What our verifier makes of the peer of a finished handshake, at a wall time in ms. */
export function judgeHandshake({ chain, openssl }: Handshake, ours: TlsSide, at: number): PeerJudgement {
  if (ours.side === 'server' && ours.tls.clientCertificate === 'none') return { verdict: 'anonymous', names: [] }
  const names = ours.side === 'client' ? [ours.tls.serverName] : ours.tls.peerNames
  return judge({
    chain,
    anchors: ours.tls.anchors,
    at,
    usage: ours.side === 'client' ? 'serverAuth' : 'clientAuth',
    ...(names === undefined ? {} : { names }),
    rules: ours.tls.names,
    ...(openssl === undefined ? {} : { openssl }),
  })
}

/** What judging needs of the network. */
export interface Judging {
  readonly clock: { wall(): number }
  readonly emit: Emit<NetEvent>
}

/** The two ends of a connection. */
export interface Ends {
  readonly local: Address
  readonly remote: Address
}

/**
 * Judges the peer of a finished handshake, says so, and ends the connection unless it may go on: a server goes on with `wrong-name`,
 * a client with `trusted` alone. Call it before a byte is read.
 */
export function admit(
  { clock, emit }: Judging,
  socket: StreamSocket,
  ours: TlsSide,
  ends: Ends = endsOf(socket),
  handshake: Handshake = handshakeOf(socket),
): PeerJudgement {
  const peer = judgeHandshake(handshake, ours, clock.wall())
  const accepted = mayGoOn(ours.side, peer.verdict)
  emit({ type: accepted ? 'tls.accepted' : 'tls.refused', ...judged(handshake, ours.side, peer, ends) })
  if (!accepted) socket.destroy()
  return peer
}

const mayGoOn = (side: TlsSide['side'], verdict: PeerJudgement['verdict']): boolean =>
  verdict === 'trusted' || (side === 'server' && verdict !== 'refused')

function judged({ version, cipher }: Handshake, side: TlsSide['side'], peer: PeerJudgement, ends: Ends): TlsJudged {
  return {
    side,
    ...ends,
    ...peer,
    ...(version === undefined ? {} : { version }),
    ...(cipher === undefined ? {} : { cipher }),
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
export const localOf = (socket: StreamSocket): Address => address(socket.localAddress, socket.localPort)
export const remoteOf = (socket: StreamSocket): Address => address(socket.remoteAddress, socket.remotePort)
export const endsOf = (socket: StreamSocket): Ends => ({ local: localOf(socket), remote: remoteOf(socket) })

const address = (host = '', port = 0): Address => ({ host: host.replace(/^::ffff:(?=\d+\.)/i, ''), port })
