import { formatAddress } from '../kernel/address.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import type { Network } from '../kernel/network.ts'
import type { Random } from '../kernel/random.ts'
import type { Store } from '../kernel/store.ts'
import type { OpenOrder } from './face.ts'
import { Leg } from './leg.ts'
import { MediaSockets } from './media-sockets.ts'
import type { MediaCommand, Reply } from './messages.ts'
import { Ticker } from './ticker.ts'
import type { Ticking } from './ticker.ts'

export interface EnginePorts {
  readonly network: Pick<Network, 'bind'>
  /** Recordings. */
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly reply: Reply
}

export interface MediaEngine {
  handle(command: MediaCommand): void
  /** Closes every leg; resolves after `ended` was said. */
  close(): Promise<void>
}

/** Runs all legs on one beat. Knows nothing of threads: commands come in, replies go out. */
export function createMediaEngine(ports: EnginePorts): MediaEngine {
  return new Engine(ports)
}

type LegCommand = Exclude<MediaCommand, { type: 'open' | 'end' }>

class Engine implements MediaEngine, Ticking {
  readonly #ports: EnginePorts
  readonly #sockets: MediaSockets
  readonly #ticker: Ticker
  readonly #legs = new Map<string, Leg>()
  /** Whatever has to settle before the engine has ended. */
  readonly #pending = new Set<Promise<void>>()
  #ended: Promise<void> | undefined

  constructor(ports: EnginePorts) {
    this.#ports = ports
    this.#sockets = new MediaSockets(ports.network)
    this.#ticker = new Ticker(ports.clock, this)
  }

  handle(command: MediaCommand): void {
    if (command.type === 'end') void this.close()
    else if (command.type === 'open') this.#track(this.#open(command.media, command.order))
    else this.#toLeg(command)
  }

  close(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  tick(): void {
    for (const leg of this.#legs.values()) leg.tick()
  }

  skip(ticks: number): void {
    for (const leg of this.#legs.values()) leg.skip(ticks)
  }

  late(ms: number): void {
    this.#ports.reply({ type: 'event', event: { type: 'media.late', ms } })
  }

  async #open(media: string, order: OpenOrder): Promise<void> {
    const { reply } = this.#ports
    let leg: Leg | undefined
    try {
      const socket = await this.#sockets.bind(order, (bytes, from) => leg?.receive(bytes, from))
      const address = { host: order.advertised ?? order.bind, port: socket.local.port }
      leg = new Leg(media, socket, this.#ports)
      this.#legs.set(media, leg)
      this.#ticker.start()
      reply({ type: 'event', event: { type: 'media.opened', media, address: formatAddress(address) } })
      reply({ type: 'opened', media, address })
      if (this.#ended !== undefined) this.#closeLeg(media, leg)
    } catch (failure) {
      reply({ type: 'open-failed', media, text: messageOf(failure) })
    }
  }

  #toLeg(command: LegCommand): void {
    const leg = this.#legs.get(command.media)
    if (leg === undefined) this.#answerForGone(command)
    else this.#obey(leg, command)
  }

  #obey(leg: Leg, command: LegCommand): void {
    switch (command.type) {
      case 'connect':
        leg.connect(command.stream)
        break
      case 'play':
        leg.play(command.request, command.pcm)
        break
      case 'stop-playing':
        leg.stopPlaying()
        break
      case 'send-digits':
        leg.sendDigits(command.request, command.digits)
        break
      case 'record':
        leg.record(command.request, command.order)
        break
      case 'stop-recording':
        leg.stopRecording(command.request)
        break
      case 'bridge':
        this.#bridge(leg, command.other)
        break
      case 'close':
        this.#closeLeg(command.media, leg)
        break
    }
  }

  /** A command may cross the end of its leg: what is asked is answered all the same. */
  #answerForGone(command: MediaCommand): void {
    const { reply } = this.#ports
    if (command.type === 'play') {
      reply({ type: 'played', media: command.media, request: command.request, complete: false })
    } else if (command.type === 'send-digits') {
      reply({ type: 'digits-sent', media: command.media, request: command.request })
    } else if (command.type === 'record') {
      const recorded = { end: 'closed', ms: 0, trailingSilenceMs: 0 } as const
      reply({ type: 'recorded', media: command.media, request: command.request, recorded })
    }
  }

  #bridge(leg: Leg, other: string): void {
    const peer = this.#legs.get(other)
    if (peer !== undefined) leg.bridge(peer)
  }

  #closeLeg(media: string, leg: Leg): void {
    this.#legs.delete(media)
    if (this.#legs.size === 0) this.#ticker.stop()
    this.#track(leg.close())
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#pending.delete(tracked))
    this.#pending.add(tracked)
  }

  async #end(): Promise<void> {
    for (const [media, leg] of [...this.#legs]) this.#closeLeg(media, leg)
    while (this.#pending.size > 0) await Promise.all(this.#pending)
    this.#ports.reply({ type: 'ended' })
  }
}
