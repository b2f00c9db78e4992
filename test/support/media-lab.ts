import type { Address } from '../../src/kernel/address.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { Store } from '../../src/kernel/store.ts'
import type { MediaEvent } from '../../src/media/events.ts'
import type { Codec, LocalMedia, MediaPort, MediaStream, SrtpKey } from '../../src/media/face.ts'
import { inThreadMedia } from '../../src/media/in-thread.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { MemoryDatagrams } from './memory-datagrams.ts'

export interface MediaLab {
  readonly clock: ManualClock
  readonly datagrams: MemoryDatagrams
  readonly store: Store
  readonly media: MediaPort
  readonly events: MediaEvent[]
}

/** An engine in this thread, on a network and a disk in memory. */
export function mediaLab(store: Store = memoryStore()): MediaLab {
  const clock = new ManualClock()
  const datagrams = new MemoryDatagrams(clock)
  const events: MediaEvent[] = []
  const emit = (event: MediaEvent): void => void events.push(event)
  const media = inThreadMedia({ network: datagrams, store, clock, random: seededRandom('media'), emit })
  return { clock, datagrams, store, media, events }
}

export const srtpKey = (seed: string): SrtpKey => {
  const random = seededRandom(seed)
  return { key: random.bytes(16), salt: random.bytes(14) }
}

export interface Side {
  readonly codec?: Codec
  readonly sendKey?: SrtpKey
  readonly receiveKey?: SrtpKey
  readonly telephoneEvent?: number
  readonly ptime?: number
}

/** What offer and answer might have settled towards `remote`. */
export function streamTo(remote: Address, { codec = 'PCMU', ...more }: Side = {}): MediaStream {
  return { remote, codec, payloadType: codec === 'PCMU' ? 0 : 8, telephoneEvent: 101, ptime: 20, ...more }
}

/** Two legs that send to one another, with keys both ways when `keyed`. */
export async function pair(media: MediaPort, side: Side = {}, keyed = false): Promise<[LocalMedia, LocalMedia]> {
  const one = await media.open({ bind: '10.0.0.1' })
  const two = await media.open({ bind: '10.0.0.2' })
  const there = { ...side, ...(keyed ? { sendKey: srtpKey('there'), receiveKey: srtpKey('back') } : {}) }
  const back = { ...side, ...(keyed ? { sendKey: srtpKey('back'), receiveKey: srtpKey('there') } : {}) }
  one.connect(streamTo(two.address, there))
  two.connect(streamTo(one.address, back))
  return [one, two]
}

/** PCM16 at 8 kHz; a peak of 8000 is -15.3 dBov. */
export function sine(ms: number, hz = 440, peak = 8000): Int16Array {
  return Int16Array.from({ length: 8 * ms }, (_, i) => Math.round(peak * Math.sin((2 * Math.PI * hz * i) / 8000)))
}

export async function recorded(store: Store, name: string): Promise<Int16Array> {
  const bytes = (await store.read(name)) ?? new Uint8Array()
  return new Int16Array(bytes.slice().buffer)
}

/** Lets `ms` pass, and the disk take part in it. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10) {
    clock.advance(Math.min(10, left))
    for (let turn = 0; turn < 8; turn++) await Promise.resolve()
  }
}
