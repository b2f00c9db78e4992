import { constants } from 'node:crypto'
import { isIP } from 'node:net'
import { type ConnectionOptions, DEFAULT_CIPHERS, type SecureContextOptions, type TlsOptions } from 'node:tls'
import type { Identity, TlsClient, TlsServer } from '../kernel/tls.ts'

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
