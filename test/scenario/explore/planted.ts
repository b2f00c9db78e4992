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

  /** A lost wake-up: of two pieces that come at one instant the second lies until a third comes. A real loopback joins such pieces. */
  'a reader that is woken once': only('sbc', (process) => ({
    ...process,
    network: (...order) => readOnce(process.network(...order), process.clock),
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

function readOnce(network: Network, clock: Clock): Network {
  return {
    ...network,
    connect(order, handlers) {
      const queue: Uint8Array[] = []
      let woken = false
      const data = (bytes: Uint8Array): void => {
        queue.push(bytes)
        if (woken) return
        woken = true
        clock.after(0, () => {
          woken = false
          const first = queue.shift()
          if (first !== undefined) handlers.data(first)
        })
      }
      return network.connect(order, { data, closed: (error) => handlers.closed(error) })
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
