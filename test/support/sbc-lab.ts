import { Bus } from '../../src/kernel/bus.ts'
import type { LabEvent } from '../../src/lab/events.ts'
import type { CertificateFlaw } from '../../src/lab/certificates.ts'
import type { World } from '../../src/lab/world.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import { createSbc, type Sbc } from '../../src/sbc/sbc.ts'
import type { EndpointOrder, Hop, SessionTimerOrder } from '../../src/sip/face.ts'
import { rfcTimers } from '../../src/sip/transaction/timers.ts'
import { EventLog } from './event-log.ts'
import { Peer } from './peer.ts'
import { virtualCertificates } from './virtually.ts'

const hosts = {
  'pbx.inside.test': '127.0.10.10',
  'sbc.inside.test': '127.0.10.20',
  'sbc.edge.test': '127.0.20.20',
  'voicemail.edge.test': '127.0.20.30',
}

export interface SbcLabOrder {
  /** RTP ports of each side. */
  readonly insidePorts?: readonly [number, number]
  readonly outsidePorts?: readonly [number, number]
  readonly flaw?: CertificateFlaw
  /** Of the outside alone. */
  readonly sessionTimer?: SessionTimerOrder
}

/** The SBC alone, between a PBX inside (TCP, RTP) and a service outside (TLS, SRTP) that do what a test says. */
export class SbcLab {
  readonly sbc: Sbc
  readonly log: EventLog
  readonly pbx: Peer
  readonly service: Peer
  readonly #closeMedia: () => Promise<void>

  private constructor(sbc: Sbc, log: EventLog, pbx: Peer, service: Peer, closeMedia: () => Promise<void>) {
    this.sbc = sbc
    this.log = log
    this.pbx = pbx
    this.service = service
    this.#closeMedia = closeMedia
  }

  /** `7…` leads to the service, `1…` to the PBX, `8…` to a port where nobody listens. */
  static async start(world: World, order: SbcLabOrder = {}): Promise<SbcLab> {
    const certificates = await virtualCertificates()
    const { anchor } = certificates
    const pbx = await Peer.open({
      world,
      bind: '127.0.10.10',
      name: 'pbx.inside.test',
      transport: 'tcp',
      hosts,
      product: 'Inside',
    })
    const service = await Peer.open({
      world,
      bind: '127.0.20.30',
      name: 'voicemail.edge.test',
      transport: 'tls',
      srtp: true,
      hosts,
      anchor,
      identity: await certificates.identity('voicemail.edge.test'),
      product: 'Outside',
    })
    const process = world.process('sbc', '127.0.20.20')
    const { clock, random } = process
    const bus = new Bus<LabEvent>(clock)
    const log = new EventLog(bus)
    const emit = bus.from('sbc')
    const resolver = hostsResolver(hosts)
    const network = process.network(emit, resolver)
    const media = await process.media('recordings', emit)
    const identity = await certificates.identity('sbc.edge.test', order.flaw)
    const tls = { identity, anchors: [anchor], names: 'rfc5922' } as const
    const common = { network, resolver, clock, random, emit, timers: rfcTimers }
    const sip = (listeners: EndpointOrder['listeners'], product: string): Omit<EndpointOrder, 'handlers'> => ({
      ...common,
      listeners,
      product,
    })
    const face = (
      host: string,
      name: string,
    ): { bind: { host: string; port: number }; advertised: { host: string } } => ({
      bind: { host, port: 0 },
      advertised: { host: name },
    })
    const ports = (range?: readonly [number, number]): { ports?: readonly [number, number] } =>
      range ? { ports: range } : {}
    const codecs = ['PCMU', 'PCMA']
    const toService: Hop = { transport: 'tls', host: 'voicemail.edge.test', port: service.port }
    const sbc = await createSbc({
      emit,
      inside: {
        sip: sip([{ transport: 'tcp', face: face('127.0.10.20', 'sbc.inside.test') }], 'Border inside'),
        legs: {
          media,
          random,
          open: { bind: '127.0.10.20', ...ports(order.insidePorts) },
          capabilities: { encodings: codecs, srtp: 'none' },
        },
        host: 'sbc.inside.test',
      },
      outside: {
        sip: {
          ...sip(
            [
              {
                transport: 'tls',
                face: face('127.0.20.20', 'sbc.edge.test'),
                tls: { ...tls, clientCertificate: 'required', peerNames: ['voicemail.edge.test'] },
              },
            ],
            'Border',
          ),
          tlsClient: tls,
          ...(order.sessionTimer === undefined ? {} : { sessionTimer: order.sessionTimer }),
        },
        legs: {
          media,
          random,
          open: { bind: '127.0.20.20', ...ports(order.outsidePorts) },
          capabilities: { encodings: codecs, srtp: 'required' },
        },
        host: 'sbc.edge.test',
      },
      routes: [
        { prefix: '7', to: 'outside', hop: () => toService },
        { prefix: '8', to: 'outside', hop: () => ({ ...toService, port: 9 }) },
        { prefix: '1', to: 'inside', hop: () => ({ transport: 'tcp', host: 'pbx.inside.test', port: pbx.port }) },
      ],
    })
    return new SbcLab(sbc, log, pbx, service, () => media.close())
  }

  /** The SBC as the inside reaches it. */
  get inside(): Hop {
    return { transport: 'tcp', host: 'sbc.inside.test', port: this.sbc.inside.listening[0]?.bound.port ?? 0 }
  }

  /** The SBC as the outside reaches it. */
  get outside(): Hop {
    return { transport: 'tls', host: 'sbc.edge.test', port: this.sbc.outside.listening[0]?.bound.port ?? 0 }
  }

  get logs(): readonly EventLog[] {
    return [this.log, this.pbx.log, this.service.log]
  }

  async close(): Promise<void> {
    await Promise.all([this.pbx.close(), this.service.close(), this.sbc.close()])
    await this.#closeMedia()
  }
}
