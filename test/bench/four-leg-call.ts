import { readFileSync } from 'node:fs'
import type { Address } from '../../src/kernel/address.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import type { Network } from '../../src/kernel/network.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { Store } from '../../src/kernel/store.ts'
import type { LocalMedia, MediaPort, MediaSummary } from '../../src/media/face.ts'
import { inThreadMedia } from '../../src/media/in-thread.ts'
import { tickMs } from '../../src/media/ticker.ts'
import { readWav, resampleTo8k } from '../../src/media/wav.ts'
import { srtpKey, streamTo } from '../support/media-lab.ts'

type Receive = Parameters<Network['bind']>[1]

interface Datagram {
  readonly bytes: Uint8Array
  readonly from: Address
  readonly to: Address
}

/** As little of a network as there can be, so that what is measured is media: a port names a socket, and datagrams wait to be carried. */
class Wire implements Pick<Network, 'bind'> {
  readonly #sockets: Receive[] = []
  readonly #waiting: Datagram[] = []

  bind({ host }: Address, receive: Receive): ReturnType<Network['bind']> {
    const from = { host, port: this.#sockets.push(receive) }
    return Promise.resolve({
      local: from,
      send: (bytes, to) => void this.#waiting.push({ bytes, from, to }),
      close: () => Promise.resolve(),
    })
  }

  /** Carries what waits, and what is sent meanwhile. */
  carry(): void {
    for (const { bytes, from, to } of this.#waiting) this.#sockets[to.port - 1]?.(bytes, from)
    this.#waiting.length = 0
  }
}

const done = Promise.resolve()
const nowhere: Pick<Store, 'append'> = {
  append: () => Promise.resolve({ write: () => done, sync: () => done, close: () => done }),
}

const speech = (name: string): Int16Array => {
  const { samples, rate } = readWav(readFileSync(new URL(`../../scenarios/audio/${name}`, import.meta.url)))
  return resampleTo8k(samples, rate)
}
const greeting = speech('greeting-standard-1001.wav')
const message = speech('message-anna.wav')

interface Legs {
  readonly phone: LocalMedia
  readonly inside: LocalMedia
  readonly outside: LocalMedia
  readonly voicemail: LocalMedia
}

async function connected(media: MediaPort): Promise<Legs> {
  const open = (host: string): Promise<LocalMedia> => media.open({ bind: host })
  const phone = await open('10.0.0.1')
  const inside = await open('10.0.0.2')
  const outside = await open('10.0.1.2')
  const voicemail = await open('10.0.1.3')
  const [out, back] = [srtpKey('out'), srtpKey('back')]
  inside.bridge(outside)
  phone.connect(streamTo(inside.address))
  inside.connect(streamTo(phone.address))
  outside.connect(streamTo(voicemail.address, { sendKey: out, receiveKey: back }))
  voicemail.connect(streamTo(outside.address, { sendKey: back, receiveKey: out }))
  return { phone, inside, outside, voicemail }
}

/**
 * One call of `seconds` in one engine under a manual clock, both ends recording: a greeting one way, then a message the other.
 * phone ──RTP── inside ═bridge═ outside ──SRTP── voicemail
 */
export async function fourLegCall(seconds: number): Promise<readonly MediaSummary[]> {
  const clock = new ManualClock()
  const network = new Wire()
  const media = inThreadMedia({
    network,
    store: nowhere as Store,
    clock,
    random: seededRandom('call'),
    emit: () => undefined,
  })
  const { phone, inside, outside, voicemail } = await connected(media)
  phone.record({ name: 'heard.pcm' })
  voicemail.record({ name: 'message.pcm' })
  void voicemail.play(greeting).then(() => phone.play(message))
  for (let ms = 0; ms < 1000 * seconds; ms += tickMs) {
    clock.advance(tickMs)
    network.carry()
    await done
  }
  return Promise.all([phone, inside, outside, voicemail].map((leg) => leg.close()))
}
