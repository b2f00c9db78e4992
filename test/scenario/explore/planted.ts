import type { Address } from '../../../src/kernel/address.ts'
import type { Clock } from '../../../src/kernel/clock.ts'
import type { Network } from '../../../src/kernel/network.ts'
import type { Process, World } from '../../../src/lab/world.ts'
import { inThreadMedia } from '../../../src/media/in-thread.ts'
import { parseRtp } from '../../../src/media/rtp.ts'
import { hostsResolver } from '../../../src/net/resolver.ts'

type Receive = (bytes: Uint8Array, from: Address) => void

/** Defects that real time hides, planted in what one role is handed. */
export const planted = {
  /** A timer compared with `<` for `<=`: a timer of Node always fires a little late, so it never shows. */
  'a timer that has to be late to fire': only('voicemail', (process) => ({
    ...process,
    clock: strict(process.clock),
  })),

  /** A lost wake-up: what comes while the worker is about to work is left lying until something else comes. */
  'a queue that is woken once': only('pbx', (process) => ({
    ...process,
    network: (...order) => lazily(process.network(...order), process.clock),
  })),

  /** Two datagrams swapped: on loopback they never are. */
  'media that knows one order alone': only('voicemail', (process) => ({
    ...process,
    media(folder, emit) {
      const { clock, random } = process
      const network = process.network(() => undefined, hostsResolver({}))
      const bind: Network['bind'] = (at, receive) => network.bind(at, inOrder(receive))
      return Promise.resolve(inThreadMedia({ network: { bind }, store: process.store(folder), clock, random, emit }))
    },
  })),
} as const satisfies Record<string, (world: World) => World>

function only(role: string, alter: (process: Process) => Omit<Process, 'alive'>): (world: World) => World {
  return (world) => ({
    ...world,
    process(name, host) {
      const process = world.process(name, host)
      if (name !== role) return process
      return {
        ...alter(process),
        get alive() {
          return process.alive
        },
      }
    },
  })
}

const strict = (clock: Clock): Clock => ({
  now: () => clock.now(),
  wall: () => clock.wall(),
  after(ms, task) {
    const due = clock.now() + ms
    return clock.after(ms, () => {
      if (due < clock.now()) task()
    })
  },
})

function lazily(network: Network, clock: Clock): Network {
  return {
    ...network,
    bind(at, receive) {
      const queue: Parameters<Receive>[] = []
      let woken = false
      return network.bind(at, (bytes, from) => {
        queue.push([bytes, from])
        if (woken) return
        woken = true
        clock.after(5, () => {
          const first = queue.shift()
          if (first !== undefined) receive(...first)
          woken = false
        })
      })
    },
  }
}

/** Drops what comes after a later packet of its source. */
function inOrder(receive: Receive): Receive {
  let last = -1
  return (bytes, from) => {
    const { sequence } = parseRtp(bytes) ?? { sequence: 0 }
    if (((sequence - last) & 0xffff) > 0x8000) return
    last = sequence
    receive(bytes, from)
  }
}
