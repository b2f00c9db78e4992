import { PosternError } from '../../kernel/errors.ts'
import type { Hop, Transport } from '../face.ts'
import { parseUri } from '../message/uri.ts'
import { defaultPort } from './flow.ts'

/** Where a URI leads by itself: RFC 3261 §19.1.2 and RFC 3263 without its look-ups. @throws PosternError address-invalid */
export function hopOf(text: string): Hop {
  const uri = parseUri(text)
  const asked = uri?.params.get('transport')?.toLowerCase() ?? 'udp'
  const transport = uri?.scheme === 'sips' ? 'tls' : asked
  if (uri === undefined || uri.host === '' || !isTransport(transport)) {
    throw new PosternError(
      'address-invalid',
      `"${text}" leads nowhere: expected a sip URI with transport udp, tcp or tls`,
    )
  }
  return { transport, host: uri.host, port: uri.port ?? defaultPort(transport) }
}

const isTransport = (text: string): text is Transport => text === 'udp' || text === 'tcp' || text === 'tls'
