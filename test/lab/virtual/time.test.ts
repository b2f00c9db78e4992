import { spawn } from 'node:child_process'
import { randomBytes, randomUUID, sign, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { SignJWT } from 'jose'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { seededRandom } from '../../../src/kernel/random.ts'
import { inVirtualTime } from '../../../src/lab/virtual/time.ts'

const hour = 3_600_000

/** Runs `body` in virtual time from the start of 2026. */
function virtually<T>(body: (clock: ManualClock) => Promise<T>, limitMs?: number): Promise<T> {
  const clock = new ManualClock()
  const limit = limitMs === undefined ? {} : { limitMs }
  return inVirtualTime({ clock, random: seededRandom('time'), ...limit }, () => body(clock))
}

const rejection = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => String(error),
  )

/** Work that takes real time outside the event loop, each begun when the clock stands at 0 and a task waits at 1 ms. */
const background: Readonly<Record<string, () => Promise<unknown>>> = {
  'a JWT that jose signs on the thread pool': async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
  },
  'a signature of node:crypto with a callback': () =>
    promisify(sign)(
      'sha256',
      Buffer.from('x'),
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
    ).catch(() => undefined),
  'a file that is read, after keys were made at once': () => {
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return readFile('package.json')
  },
  'a file that is read': () => readFile('package.json'),
  'a child process': async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdout.write("x")'])
    const [output] = (await once(child.stdout, 'data')) as [Buffer]
    await once(child, 'close')
    return output.toString()
  },
  'a file that is read, after an immediate was cleared': () => {
    clearImmediate(setImmediate(() => undefined))
    return readFile('package.json')
  },
  'a stream through several immediates and ticks': async () => {
    const through = new PassThrough()
    const done = pipeline(through, new PassThrough().resume())
    setImmediate(() => setImmediate(() => process.nextTick(() => through.end('x'))))
    await done
  },
}

describe('virtual time', () => {
  it('passes an hour of a timer at once, and the date with it', async () => {
    const started = Date.now()
    const seen = await virtually(async () => {
      await new Promise((resolve) => setTimeout(resolve, hour))
      await sleep(hour)
      return [Date.now(), new Date().toISOString(), performance.now()]
    })
    expect(seen).to.deep.equal([Date.UTC(2026, 0, 1, 2), '2026-01-01T02:00:00.000Z', 2 * hour])
    expect(Date.now() - started).to.be.lessThan(10_000)
  })

  it('puts timers, dates and chance back as they were', async () => {
    const all = (): unknown[] => [
      setTimeout,
      setInterval,
      Date,
      Reflect.get(Math, 'random'),
      Reflect.ownKeys(performance),
      randomBytes,
    ]
    const before = all()
    await virtually(() => Promise.resolve())
    expect(all()).to.deep.equal(before)
  })

  it('gives the same chance for the same seed, also to libraries', async () => {
    const draw = () =>
      virtually(() =>
        Promise.resolve([Math.random(), randomUUID(), randomBytes(8).toString('hex'), crypto.randomUUID()]),
      )
    const [first, second] = [await draw(), await draw()]
    expect(first).to.deep.equal(second)
    expect(new Set(first).size).to.equal(4)
  })

  it('repeats an interval, and forgets what is cleared', async () => {
    const times = await virtually(async () => {
      const seen: number[] = []
      const never = setTimeout(() => seen.push(-1), 250)
      const beat = setInterval(() => seen.push(performance.now()), 100)
      await sleep(350)
      clearTimeout(never)
      clearInterval(beat)
      await sleep(1000)
      return seen
    })
    expect(times).to.deep.equal([100, 200, -1, 300])
  })

  for (const [name, work] of Object.entries(background)) {
    it(`waits for ${name} before the clock moves`, async () => {
      const log: string[] = []
      await virtually(async (clock) => {
        clock.after(1, () => log.push('the clock moved'))
        await work()
        log.push(`done at ${clock.now()}`)
        await sleep(10)
      })
      expect(log).to.deep.equal(['done at 0', 'the clock moved'])
    })
  }

  it('runs all promises of one moment before the next', async () => {
    const log: string[] = []
    await virtually(async (clock) => {
      clock.after(2, () => log.push('later'))
      clock.after(1, () => {
        void (async () => {
          for (let i = 0; i < 50; i++) await Promise.resolve()
          process.nextTick(() => queueMicrotask(() => process.nextTick(() => log.push('sooner'))))
        })()
      })
      await sleep(5)
    })
    expect(log).to.deep.equal(['sooner', 'later'])
  })

  it('runs the idle timeout of a TLS socket over a stream, and forgets it with the socket', async () => {
    const seen = await virtually(async (clock) => {
      const socket = new TLSSocket(new PassThrough())
      socket.on('error', () => undefined)
      await new Promise((resolve) => void socket.setTimeout(hour, () => resolve(undefined)))
      const idleAt = clock.now()
      socket.setTimeout(hour)
      socket.destroy()
      await once(socket, 'close')
      return { idleAt, due: clock.due }
    })
    expect(seen).to.deep.equal({ idleAt: hour, due: undefined })
  })

  it('says so when what is awaited can never come', async () => {
    expect(await rejection(virtually(() => new Promise(() => undefined)))).to.match(/nothing is left to happen/)
  })

  it('gives up after the time allowed, of its own', async () => {
    const forever = virtually(async () => {
      for (;;) await sleep(1000)
    }, 10_000)
    expect(await rejection(forever)).to.match(/not over after 10 s of virtual time/)
  })

  it('fails when a real socket is used, for which it could not wait', async () => {
    const server = createServer()
    const real = virtually(async () => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      await sleep(1)
    })
    expect(await rejection(real)).to.match(/(?:TCP|DNS)\w* ran in the background/)
    server.close()
  })

  it('fails with what its body throws at once', async () => {
    const thrown = virtually(() => {
      throw new Error('at once')
    })
    expect(await rejection(thrown)).to.match(/at once/)
  })

  it('fails with what a timer throws', async () => {
    const thrown = virtually(async () => {
      setTimeout(() => {
        throw new Error('from a timer')
      }, 5)
      await sleep(10)
    })
    expect(await rejection(thrown)).to.match(/from a timer/)
  })
})
