import type { Bus } from '../kernel/bus.ts'
import { formatAddress, type Address } from '../kernel/address.ts'
import type { Resolver } from '../kernel/network.ts'
import type { LegPorts } from '../call/leg.ts'
import type { MediaPort, OpenOrder } from '../media/face.ts'
import type { WireTap } from '../net/tap.ts'
import type { Capabilities } from '../sdp/negotiate.ts'
import type { Endpoint, EndpointOrder, ListenerOrder, Transport } from '../sip/face.ts'
import type { TimerTable } from '../sip/transaction/timers.ts'
import type { Sounds } from './audio.ts'
import type { Certificates } from './certificates.ts'
import type { LabEvent } from './events.ts'
import { leastSession, type LabFile, type StationFile } from './schema.ts'
import type { Process, World } from './world.ts'

/** What all roles of one lab share. */
export interface Site {
  readonly file: LabFile
  readonly sounds: Sounds
  readonly world: World
  readonly certificates: Certificates
  readonly resolver: Resolver
  readonly bus: Bus<LabEvent>
  /** Folder for mail, spool and recordings. */
  readonly data: string
  readonly timers: TimerTable
  readonly ports: ListeningPorts
  /** Opens media for a process; roles that share a process share it. */
  media(process: Process): Promise<MediaPort>
  readonly outsideTap?: (write: WireTap) => void
}

export const clear: Capabilities = { encodings: ['PCMU', 'PCMA'], srtp: 'none' }
export const secure: Capabilities = { encodings: ['PCMU', 'PCMA'], srtp: 'required' }

/** Where the stations listen, by host name and transport: what the system chose once stays, also for a role that starts anew. */
export class ListeningPorts {
  readonly #known = new Map<string, number>()

  /** The port of a listener that stands or stood; 0 when there was none. */
  of(name: string, transport: string): number {
    return this.#known.get(`${name} ${transport}`) ?? 0
  }

  keep(name: string, transport: string, port: number): void {
    this.#known.set(`${name} ${transport}`, port)
  }

  keepAll(name: string, endpoint: Endpoint): void {
    for (const { transport, bound } of endpoint.listening) this.keep(name, transport, bound.port)
  }
}

/** What a SIP endpoint of a station needs. What a killed process would say is not heard. */
export function sipOrder(
  site: Site,
  process: Process,
  station: string,
  listeners: readonly ListenerOrder[],
  tap?: (write: WireTap) => void,
): Omit<EndpointOrder, 'handlers'> {
  const emit = emitOf(site, process, station)
  const expiresMs = site.file['session-expires']
  return {
    network: process.network(emit, site.resolver, tap),
    resolver: site.resolver,
    clock: process.clock,
    random: process.random,
    emit,
    timers: site.timers,
    listeners,
    product: `Postern ${station}`,
    ...(expiresMs === undefined ? {} : { sessionTimer: { expiresMs, minMs: leastSession } }),
  }
}

export function emitOf(site: Site, process: Process, station: string): (event: LabEvent) => void {
  const emit = site.bus.from(station)
  return (event) => {
    if (process.alive) emit(event)
  }
}

export function legsOf(media: MediaPort, process: Process, station: StationFile, capabilities: Capabilities): LegPorts {
  return { media, random: process.random, open: openOf(station), capabilities }
}

function openOf({ bind, advertise, media }: StationFile): OpenOrder {
  return {
    bind,
    ...(advertise === undefined ? {} : { advertised: advertise }),
    ...(media === undefined ? {} : { ports: media }),
  }
}

export function listenersOf(
  ports: ListeningPorts,
  station: StationFile,
  tls?: ListenerOrder['tls'],
): readonly ListenerOrder[] {
  return Object.entries(station.ports).map(([transport, port]) => ({
    transport: transport as Transport,
    face: {
      bind: { host: station.bind, port: port === 0 ? ports.of(station.name, transport) : port },
      advertised: { host: station.advertise ?? station.name },
    },
    ...(tls === undefined ? {} : { tls }),
  }))
}

/** What the lab's own resolver knows: each role's host name and where it listens. */
export function hostNames(file: LabFile): Record<string, string> {
  const stations = [file.pbx, file.sbc.inside, file.sbc.outside, file.voicemail, file.exchange]
  return Object.fromEntries(stations.map((s) => [s.name, s.advertise ?? s.bind]))
}

export const addressesOf = (endpoint: Endpoint): Record<string, string> =>
  Object.fromEntries(
    endpoint.listening.map((l: { transport: string; bound: Address }) => [l.transport, formatAddress(l.bound)]),
  )
