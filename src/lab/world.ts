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

/** Everything a lab takes from outside: time, chance, network, disk. One world is real; another can be simulated. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly keys: KeySource
  network(emit: Emit<NetEvent>, resolver: Resolver, tap?: (write: WireTap) => void): Network
  hostHttp(order: {
    at: Address
    handler: HttpHandler
    tls?: TlsServer
    emit: Emit<NetEvent | HttpEvent>
  }): Promise<Listener>
  httpClient(emit: Emit<NetEvent | HttpEvent>, resolver: Resolver): HttpClient
  hostSmtp(order: SmtpHost): Promise<Listener>
  smtpSender(order: Omit<SmtpSenderOptions, 'clock'>): SmtpSender
  /** Media whose recordings grow in the store of the same folder. */
  media(folder: string, emit: Emit<MediaEvent>): Promise<MediaPort>
  store(folder: string): Store
}

/** Node's sockets, files and clocks; media in a worker thread. */
export const realWorld: World = {
  clock: systemClock,
  random: systemRandom,
  keys: generateKeys,
  network: (emit, resolver, tap) =>
    createNetwork({ clock: systemClock, emit, resolver, ...(tap === undefined ? {} : { tap }) }),
  hostHttp: (order) => hostHttp({ ...order, clock: systemClock }),
  httpClient: (emit, resolver) => httpClient({ clock: systemClock, emit, resolver }),
  hostSmtp,
  smtpSender: (order) => smtpSender({ ...order, clock: systemClock }),
  media: (recordings, emit) => startMediaWorker({ recordings, emit }),
  store: (folder) => diskStore(folder),
}
