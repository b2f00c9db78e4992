import { expect } from 'chai'
import { ManualClock, type Clock } from '../../src/kernel/clock.ts'
import type { KeyPair, KeySource } from '../../src/kernel/keys.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { createCertificates, type Certificates } from '../../src/lab/certificates.ts'
import { seededKeys } from '../../src/net/seeded-keys.ts'
import { inVirtualTime } from '../../src/lab/virtual/time.ts'
import { virtualWorld } from '../../src/lab/virtual/world.ts'
import type { World } from '../../src/lab/world.ts'
import type { WireTap } from '../../src/net/tap.ts'

/** When the virtual world of every test begins: ms since 1970. */
export const epoch = Date.UTC(2026, 0, 5, 9)
/** ms of virtual time that a test may take. */
const limitMs = 3_600_000
/** ms after which nothing that was closed may still wait for something. */
const aftermathMs = 5000

/** ms that the closing of a test that failed may take. */
const stuckMs = 60_000

let certificates: Promise<Certificates> | undefined

/** One authority for the virtual worlds of all tests of this process: always the same one. */
export function virtualCertificates(): Promise<Certificates> {
  certificates ??= createCertificates({
    keys: twoKeys(),
    clock: new ManualClock(epoch),
    random: seededRandom('certificates of tests'),
  })
  return certificates
}

/** The authority's, and that of all that it certifies: they take time to make. */
function twoKeys(): KeySource {
  const make = seededKeys(seededRandom('keys of tests'))
  let authority: Promise<KeyPair> | undefined
  let others: Promise<KeyPair> | undefined
  return (bits) => (authority === undefined ? (authority = make(bits)) : (others ??= make(bits)))
}

/** Lets `ms` pass. */
export const passing = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve))

/**
 * The body of a test that runs in virtual time, in a world of its own with always the same seed. `close` runs after it, whatever came
 * of it; then no socket may be open and no timer run. It fails when nothing is left to happen before it is over. `tap` sees every
 * datagram and every plaintext write of a stream.
 */
export function virtually(
  body: (world: World) => Promise<void>,
  close: () => Promise<void> = () => Promise.resolve(),
  tap: (write: WireTap) => void = () => undefined,
): () => Promise<void> {
  return async () => {
    await virtualCertificates()
    const clock = new ManualClock(epoch)
    const world = virtualWorld({ clock, seed: 'tests', tap })
    await inVirtualTime({ clock, random: seededRandom('globals of tests'), limitMs }, async () => {
      try {
        await body(world)
      } catch (thrown) {
        const closed = close().catch(() => undefined)
        await Promise.race([closed, passing(clock, stuckMs)])
        throw thrown
      }
      await close()
      await passing(clock, aftermathMs)
      const left = { sockets: world.open, nextTimer: clock.due }
      expect(left, 'left behind').to.deep.equal({ sockets: 0, nextTimer: undefined })
    })
  }
}

type Spec = (title: string, body: () => Promise<void>) => Mocha.Test

/** Mocha's `it` for a suite in virtual time: each of its tests begins with `start` and ends with `close`. */
export const virtualIt =
  (start: (world: World) => void | Promise<void>, close?: () => Promise<void>): Spec =>
  (title, body) => {
    const whole = async (world: World): Promise<void> => {
      await start(world)
      await body()
    }
    return it(title, virtually(whole, close))
  }
