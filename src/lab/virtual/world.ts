import { PosternError } from '../../kernel/errors.ts'
import type { KeySource } from '../../kernel/keys.ts'
import type { Clock, ManualClock } from '../../kernel/clock.ts'
import { fraction, seededRandom, type Random } from '../../kernel/random.ts'
import { inThreadMedia } from '../../media/in-thread.ts'
import { httpClient } from '../../net/http-client.ts'
import { hostHttp } from '../../net/http-host.ts'
import { Lifeline, mortalClock } from '../../net/memory/lifeline.ts'
import { createLink, type LinkRule } from '../../net/memory/link.ts'
import { memoryNetwork } from '../../net/memory/network.ts'
import { overhear } from '../../net/memory/overhear.ts'
import { wireSockets } from '../../net/memory/sockets.ts'
import { Wire } from '../../net/memory/wire.ts'
import { hostsResolver } from '../../net/resolver.ts'
import { hostSmtp } from '../../net/smtp-host.ts'
import { smtpSender } from '../../net/smtp-sender.ts'
import type { WireTap } from '../../net/tap.ts'
import { memoryStore, type MemoryStore, type Mount } from '../../store/memory.ts'
import type { Ports, Process, World } from '../world.ts'

export interface VirtualWorldOrder {
  readonly clock: ManualClock
  /** All chance is drawn from it, each process from a source of its own. */
  readonly seed: string | number
  /** How the network treats what it carries; straight when left out. */
  readonly links?: readonly LinkRule[]
  /** ms that each step of a disk takes at most; none when left out. */
  readonly diskMs?: number
  /** Sees every datagram and every plaintext write of a stream. */
  readonly tap?: (write: WireTap) => void
}

/** Keys take real time and are random: what a virtual world needs of them is made before. */
const noKeys: KeySource = () =>
  Promise.reject(new PosternError('lab-broken', 'a virtual world makes no keys: its certificates are made beforehand'))

export interface VirtualWorld extends World {
  /** Sockets, listeners and ends of connections that its processes hold. */
  readonly open: number
}

/** A world in memory under a clock of its own: the same services, another network and disk. Nothing of it reaches the machine. */
export function virtualWorld({ clock, seed, links, tap, diskMs = 0 }: VirtualWorldOrder): VirtualWorld {
  const wire = new Wire({
    clock,
    link: createLink(seededRandom(`${seed} links`), links),
    ...(tap === undefined ? {} : { tap }),
  })
  const disks = new Disks(diskMs === 0 ? undefined : slowness(clock, seededRandom(`${seed} disks`), diskMs))
  const lives: Lifeline[] = []
  const process = (name: string, host: string): Process => {
    const life = new Lifeline()
    lives.push(life)
    return virtualProcess({ wire, clock, disks, life, name, host, seed: `${seed} ${name} ${lives.length - 1}` })
  }
  return {
    ...process('world', '127.0.0.1'),
    clock,
    keys: noKeys,
    process,
    get open() {
      return lives.reduce((sum, { holds }) => sum + holds, 0)
    },
  }
}

/** Disks outlive the processes that use them. */
class Disks {
  readonly #latency: (() => Promise<void>) | undefined
  readonly #made = new Map<string, MemoryStore>()

  constructor(latency: (() => Promise<void>) | undefined) {
    this.#latency = latency
  }

  of(place: string): MemoryStore {
    const disk = this.#made.get(place) ?? memoryStore(this.#latency)
    this.#made.set(place, disk)
    return disk
  }
}

const slowness = (clock: Clock, random: Random, most: number) => (): Promise<void> =>
  new Promise((resolve) => void clock.after(fraction(random) * most, resolve))

interface ProcessOrder {
  readonly wire: Wire
  readonly clock: ManualClock
  readonly disks: Disks
  readonly life: Lifeline
  readonly name: string
  readonly host: string
  readonly seed: string
}

function virtualProcess(order: ProcessOrder): Process {
  const { wire, life, name, host } = order
  const random = seededRandom(order.seed)
  const sockets = wireSockets(wire, life, host)
  const secured = (socket: Parameters<typeof overhear>[0], ends: Parameters<typeof overhear>[2]): void =>
    overhear(socket, wire.tap, ends)
  const mounts = new Map<string, { readonly disk: MemoryStore; readonly mount: Mount }>()
  const clock = mortalClock(order.clock, life)
  const store: Ports['store'] = (folder) => {
    const known = mounts.get(folder)
    if (known !== undefined) return known.mount
    const disk = order.disks.of(`${name}:${folder}`)
    const mount = disk.mount()
    mounts.set(folder, { disk, mount })
    if (!life.alive) mount.kill()
    return mount
  }
  return {
    clock,
    random,
    network: (emit, resolver, tap) =>
      memoryNetwork(wire, life, host, { clock, emit, resolver, ...(tap === undefined ? {} : { tap }) }),
    hostHttp: (http) => hostHttp({ ...http, clock, sockets }),
    httpClient: (emit, resolver) => httpClient({ clock, emit, resolver, sockets }),
    hostSmtp: (smtp) => hostSmtp({ ...smtp, sockets, secured }),
    smtpSender: (smtp) => smtpSender({ ...smtp, clock, sockets, secured }),
    media: (folder, emit) => {
      const network = memoryNetwork(wire, life, host, { clock, emit: () => undefined, resolver: hostsResolver({}) })
      return Promise.resolve(inThreadMedia({ network, store: store(folder), clock, random, emit }))
    },
    store,
    get alive() {
      return life.alive
    },
    kill(power) {
      life.kill()
      for (const { disk, mount } of mounts.values()) {
        mount.kill()
        if (power) disk.crash()
      }
    },
  }
}
