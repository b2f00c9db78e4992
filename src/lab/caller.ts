import type { Emit } from '../kernel/bus.ts'
import { Bus } from '../kernel/bus.ts'
import { PosternError } from '../kernel/errors.ts'
import type { Resolver } from '../kernel/network.ts'
import type { Identity } from '../kernel/tls.ts'
import { hostsResolver } from '../net/resolver.ts'
import { localAddressToward } from '../net/route.ts'
import { firstOf, systemResolver } from '../net/system-resolver.ts'
import type { Hop } from '../sip/face.ts'
import type { HeaderField } from '../sip/message/headers.ts'
import { rfcTimers, type TimerTable } from '../sip/transaction/timers.ts'
import type { LabEvent } from './events.ts'
import type { Phone } from './face.ts'
import { createPhone } from './phone.ts'
import { Teardown } from './teardown.ts'
import type { World } from './world.ts'

export interface CallerOrder {
  readonly world: World
  /** Folder for what is heard while it grows. */
  readonly data: string
  readonly from: string
  readonly hop: Hop
  /** Local host to bind; the one that leads to the hop when left out. */
  readonly bind?: string
  /** Names that are known before the system is asked. */
  readonly hosts?: Readonly<Record<string, string>>
  readonly srtp: boolean
  /** PEM certificates to trust, for TLS. */
  readonly anchors: readonly string[]
  readonly identity?: Identity
  readonly headers: readonly HeaderField[]
  /** Those of RFC 3261 when left out. */
  readonly timers?: TimerTable
}

export interface Caller {
  readonly phone: Phone
  readonly bus: Bus<LabEvent>
  close(): Promise<void>
}

/**
 * A telephone without a lab: for one call from the shell.
 * @throws PosternError network-connect when there is no way to the hop, network-listen
 */
export async function startCaller(order: CallerOrder): Promise<Caller> {
  const { world, hop } = order
  const bus = new Bus<LabEvent>(world.clock)
  const emit: Emit<LabEvent> = bus.from('caller')
  const resolver = firstOf(hostsResolver({ localhost: '127.0.0.1', ...order.hosts }), systemResolver)
  const bind = order.bind ?? (await wayTo(hop, resolver))
  const teardown = new Teardown()
  try {
    const recordings = world.store(order.data)
    const media = await world.media(order.data, emit)
    teardown.add(() => media.close())
    const listener = { transport: hop.transport, face: { bind: { host: bind, port: 0 } } } as const
    const tlsClient = {
      anchors: order.anchors,
      names: 'rfc5922' as const,
      ...(order.identity ? { identity: order.identity } : {}),
    }
    const phone = await createPhone(
      { name: 'caller', from: order.from },
      {
        sip: {
          network: world.network(emit, resolver),
          resolver,
          clock: world.clock,
          random: world.random,
          emit,
          timers: order.timers ?? rfcTimers,
          listeners: hop.transport === 'tls' ? [] : [listener],
          tlsClient,
          product: 'Postern',
        },
        media,
        random: world.random,
        open: { bind },
        capabilities: { encodings: ['PCMU', 'PCMA'], srtp: order.srtp ? 'required' : 'none' },
        clock: world.clock,
        recordings,
        hop,
        extra: order.headers,
      },
    )
    teardown.add(() => phone.close())
    return { phone, bus, close: () => teardown.run() }
  } catch (thrown) {
    await teardown.run()
    throw thrown
  }
}

async function wayTo(hop: Hop, resolver: Resolver): Promise<string> {
  const host = await resolver.address(hop.host)
  if (host !== undefined) return localAddressToward({ host, port: hop.port })
  throw new PosternError('network-connect', `no address is known for "${hop.host}"`, {
    next: 'Write an IP address, or add the name to the hosts of the lab file, to DNS or to the hosts file of this machine.',
  })
}
