import { formatAddress } from '../kernel/address.ts'
import { PosternError } from '../kernel/errors.ts'
import type { ConnectOrder, Stream, StreamHandlers } from '../kernel/network.ts'
import type { TlsClient } from '../kernel/tls.ts'
import { codeOf, type NetworkOptions } from './context.ts'
import { connectFailure } from './failures.ts'
import { streamLookup } from './resolver.ts'
import { nodeSockets, type StreamSocket, type Where } from './sockets.ts'
import { type Carriage, carry } from './stream.ts'
import { admit, localOf, refusal, refusalByPeer } from './tls.ts'

/** ms for the connection and the handshake together. */
const defaultTimeout = 10_000

/** @throws PosternError network-connect, tls-refused, tls-refused-by-peer */
export async function connectStream(
  options: NetworkOptions,
  order: ConnectOrder,
  handlers: StreamHandlers,
): Promise<Stream> {
  const attempt = open(options, order)
  return new Promise((resolve, reject) => {
    const { socket } = attempt
    const { timeoutMs = defaultTimeout } = order
    const cancel = options.clock.after(timeoutMs, () => socket.destroy(new TimedOut(timeoutMs)))
    const fail = (error: Error): void => {
      cancel()
      reject(attempt.explain(error))
      socket.destroy()
    }
    const ready = (): void => {
      cancel()
      socket.off('error', fail).on('error', () => undefined)
      const outcome = attempt.judge()
      if (outcome instanceof PosternError) {
        reject(outcome)
        return
      }
      const { stream, start } = carry(options, socket, outcome)
      resolve(stream)
      queueMicrotask(() => start(handlers))
    }
    socket.once('error', fail).once(attempt.ready, ready)
  })
}

class TimedOut extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(ms: number) {
    super(`nothing came of it in ${ms} ms`)
  }
}

interface Attempt {
  readonly socket: StreamSocket
  /** The event after which it can be judged. */
  readonly ready: 'connect' | 'secureConnect'
  /** How to carry it, or why not. */
  readonly judge: () => Carriage | PosternError
  /** What an error before `ready` means. */
  readonly explain: (error: Error) => PosternError
}

function open(options: NetworkOptions, order: ConnectOrder): Attempt {
  try {
    return order.tls === undefined ? openTcp(options, order) : openTls(options, order, order.tls)
  } catch (thrown) {
    throw connectFailure('connect to', order.to, thrown)
  }
}

const where = ({ resolver }: NetworkOptions, { to, from }: ConnectOrder): Where => ({
  host: to.host,
  port: to.port,
  ...(from === undefined ? {} : { localAddress: from }),
  ...(resolver === undefined ? {} : { lookup: streamLookup(resolver) }),
})

function openTcp(options: NetworkOptions, order: ConnectOrder): Attempt {
  return {
    socket: (options.sockets ?? nodeSockets).connect(where(options, order)),
    ready: 'connect',
    judge: () => ({ transport: 'tcp' }),
    explain: (error) => connectFailure('connect by tcp to', order.to, error),
  }
}

function openTls(options: NetworkOptions, order: ConnectOrder, tls: TlsClient): Attempt {
  const socket = (options.sockets ?? nodeSockets).connectTls(where(options, order), tls)
  const name = `${tls.serverName} at ${formatAddress(order.to)}`
  let local: ReturnType<typeof localOf> | undefined
  socket.once('connect', () => {
    local = localOf(socket)
  })

  const say = (type: 'tls.refused-by-peer' | 'tls.handshake-failed', cause: Error | undefined, text: string): void => {
    const code = codeOf(cause)
    const ends = { local: local ?? localOf(socket), remote: order.to }
    options.emit({ type, side: 'client', ...ends, text, ...(code === undefined ? {} : { code }) })
  }
  const byPeer = (cause: Error | undefined): PosternError => {
    const error = refusalByPeer(name, cause)
    say('tls.refused-by-peer', cause, error.message)
    return error
  }

  return {
    socket,
    ready: 'secureConnect',
    judge() {
      const peer = admit(options, socket, { side: 'client', tls })
      return peer.verdict === 'trusted' ? { transport: 'tls', peer, unheard: byPeer } : refusal(name, peer)
    },
    explain(error) {
      if (local !== undefined && isRefusal(codeOf(error))) return byPeer(error)
      const failure = connectFailure('connect by tls to', order.to, error)
      if (local !== undefined) say('tls.handshake-failed', error, failure.message)
      return failure
    },
  }
}

/** A cut line, or an alert of RFC 8446 §6.2 about a certificate; a TLS 1.2 server that misses one says handshake_failure. */
const refusals = /^ECONNRESET$|^EPIPE$|ALERT.*(?:CERT|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR|HANDSHAKE_FAILURE)/

const isRefusal = (code = ''): boolean => refusals.test(code)
