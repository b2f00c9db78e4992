import { isIP } from 'node:net'
import type { Address } from '../kernel/address.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Emit } from '../kernel/bus.ts'
import type { HttpClient, HttpHandler } from '../kernel/http.ts'
import type { KeySource } from '../kernel/keys.ts'
import type { Listener, Network, Resolver } from '../kernel/network.ts'
import { systemRandom, type Random } from '../kernel/random.ts'
import type { SmtpSender } from '../kernel/smtp.ts'
import type { Store } from '../kernel/store.ts'
import type { TlsServer } from '../kernel/tls.ts'
import type { MediaEvent } from '../media/events.ts'
import type { MediaPort } from '../media/face.ts'
import type { NetEvent } from '../net/events.ts'
import { httpClient } from '../net/http-client.ts'
import type { HttpEvent } from '../net/http-events.ts'
import { hostHttp } from '../net/http-host.ts'
import { generateKeys } from '../net/keys.ts'
import { createNetwork } from '../net/network.ts'
import { hostSmtp, type SmtpHost } from '../net/smtp-host.ts'
import { smtpSender, type SmtpSenderOptions } from '../net/smtp-sender.ts'
import type { WireTap } from '../net/tap.ts'
import { diskStore } from '../store/disk.ts'
import { startMediaWorker } from './media-host.ts'

/** Everything that is taken from outside: time, chance, network, disk. */
export interface Ports {
  readonly clock: Clock
  readonly random: Random
  network(emit: Emit<NetEvent>, resolver: Resolver, tap?: (write: WireTap) => void): Network
  hostHttp(order: {
    at: Address
    handler: HttpHandler
    tls?: TlsServer
    emit: Emit<NetEvent | HttpEvent>
  }): Promise<Listener>
  httpClient(emit: Emit<NetEvent | HttpEvent>, resolver: Resolver): HttpClient
  hostSmtp(order: Omit<SmtpHost, 'sockets' | 'secured'>): Promise<Listener>
  smtpSender(order: Omit<SmtpSenderOptions, 'clock' | 'sockets' | 'secured' | 'from'>): SmtpSender
  /** Media whose recordings grow in the store of the same folder. */
  media(folder: string, emit: Emit<MediaEvent>): Promise<MediaPort>
  store(folder: string): Store
}

/** The ports of one role, on one host. */
export interface Process extends Ports {
  readonly alive: boolean
  /**
   * Where a process can be killed: all its ports are severed at once, nothing that it was doing goes on. With `power` its disks forget
   * what was not synced.
   */
  readonly kill?: (power: boolean) => void
}

/** One world is real, another is simulated; the same services run in both. */
export interface World extends Ports {
  readonly keys: KeySource
  /** A role's own share, connecting from `host` when that is an address of one interface. A later one of the same name finds its disks again. */
  process(name: string, host: string): Process
}

function realPorts(host?: string): Ports {
  const from = host === undefined || isIP(host) === 0 || /^(?:0\.0\.0\.0|::)$/.test(host) ? {} : { from: host }
  return {
    clock: systemClock,
    random: systemRandom,
    network: (emit, resolver, tap) =>
      createNetwork({ clock: systemClock, emit, resolver, ...(tap === undefined ? {} : { tap }) }),
    hostHttp: (order) => hostHttp({ ...order, clock: systemClock }),
    httpClient: (emit, resolver) => httpClient({ clock: systemClock, emit, resolver, ...from }),
    hostSmtp,
    smtpSender: (order) => smtpSender({ ...order, clock: systemClock, ...from }),
    media: (recordings, emit) => startMediaWorker({ recordings, emit }),
    store: (folder) => diskStore(folder),
  }
}

/** Node's sockets, files and clocks; media in a worker thread. All roles share one process. */
export const realWorld: World = {
  ...realPorts(),
  keys: generateKeys,
  process: (_name, host) => ({ ...realPorts(host), alive: true }),
}
