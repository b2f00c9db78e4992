import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Clock } from '../../kernel/clock.ts'
import type { Random } from '../../kernel/random.ts'
import { heldSubtle } from './held-subtle.ts'
import { socketTimeouts } from './socket-timeouts.ts'
import { virtualTimers } from './timers.ts'

/**
 * Libraries keep timers, dates and identifiers of their own: from here on theirs are of this clock and this chance too, in this thread.
 * The answer puts everything back. `hold` is told of work on the thread pool that nothing else tells of.
 */
export function installGlobals(clock: Clock, random: Random, hold: () => () => void): () => void {
  const ours = virtualTimers(clock)
  const { setTimeout, clearTimeout, setInterval, clearInterval } = ours
  const { getRandomValues, ...chance } = randomFunctions(random)
  const restore = [
    replace(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval, Date: virtualDate(clock) }),
    replace(timers, { setTimeout, clearTimeout, setInterval, clearInterval }),
    replace(timersPromises, { setTimeout: promisify(setTimeout) }),
    replace(performance, { now: () => clock.now() }),
    replace(Math, { random: () => Buffer.from(random.bytes(4)).readUInt32BE(0) / 2 ** 32 }),
    replace(crypto, chance),
    replace(crypto.webcrypto, { getRandomValues, randomUUID: chance.randomUUID }),
    replace(Object.getPrototypeOf(crypto.webcrypto.subtle) as object, heldSubtle(hold)),
    replace(net.Socket.prototype, socketTimeouts(clock)),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const undo of restore.reverse()) undo()
    syncBuiltinESMExports()
  }
}

/** Sets properties of an object; the answer sets them as they were. */
function replace(target: object, values: object): () => void {
  const undo = Object.entries(values).map(([name, value]: [string, unknown]) => {
    const before = Object.getOwnPropertyDescriptor(target, name)
    Object.defineProperty(target, name, {
      value,
      configurable: true,
      writable: true,
      enumerable: before?.enumerable ?? true,
    })
    return () => {
      if (before === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, before)
    }
  })
  return () => {
    for (const back of undo) back()
  }
}

/** `Date` as the clock's wall has it; a date that is given is as it was. */
function virtualDate(clock: Clock): DateConstructor {
  return new Proxy(Date, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [clock.wall()] : given, newTarget) as Date,
    apply: (target) => new target(clock.wall()).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? () => Math.floor(clock.wall()) : (Reflect.get(target, name, receiver) as unknown),
  })
}

interface RandomFunctions {
  readonly randomBytes: (size: number, done?: (error: null, bytes: Buffer) => void) => Buffer | undefined
  readonly randomUUID: () => string
  readonly getRandomValues: <T extends NodeJS.TypedArray>(into: T) => T
  readonly randomFillSync: <T extends NodeJS.ArrayBufferView>(into: T) => T
}

function randomFunctions(random: Random): RandomFunctions {
  const fill = <T extends NodeJS.ArrayBufferView>(into: T): T => {
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(random.bytes(into.byteLength))
    return into
  }
  return {
    randomBytes(size, done) {
      const bytes = Buffer.from(random.bytes(size))
      if (done === undefined) return bytes
      process.nextTick(done, null, bytes)
      return undefined
    },
    randomUUID() {
      const bytes = random.bytes(16)
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
      return Buffer.from(bytes)
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    },
    getRandomValues: fill,
    randomFillSync: fill,
  }
}
