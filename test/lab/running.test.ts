import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { Running } from '../../src/lab/running.ts'
import { realWorld, type Process, type World } from '../../src/lab/world.ts'
import { virtualWorld } from '../../src/lab/virtual/world.ts'

const at = { host: '127.0.20.30', port: 5061 }
const failing = (task: () => unknown): unknown => {
  try {
    return task()
  } catch (thrown) {
    return thrown instanceof PosternError ? thrown.code : thrown
  }
}

/** A role that holds an address, counts what is heard there and answers on demand. */
class Bell {
  closed = false
  readonly #close: () => Promise<void>
  #answer: (text: string) => void = () => undefined

  constructor(close: () => Promise<void>) {
    this.#close = close
  }

  static async start(process: Process): Promise<Bell> {
    const network = process.network(() => undefined, { address: () => Promise.resolve(undefined) })
    const socket = await network.bind(at, () => undefined)
    return new Bell(() => socket.close())
  }

  answers(): Promise<string> {
    return new Promise((resolve) => (this.#answer = resolve))
  }

  answer(text: string): void {
    this.#answer(text)
  }

  async close(): Promise<void> {
    this.closed = true
    await this.#close()
  }
}

describe('a role that runs in a process of its own', () => {
  let world: World
  const start = (role: (process: Process) => Promise<Bell> = (process) => Bell.start(process)) =>
    Running.start('voicemail', () => world.process('voicemail', at.host), role)
  beforeEach(() => {
    world = virtualWorld({ clock: new ManualClock(), seed: 'running' })
  })

  it('is up once started', async () => {
    const running = await start()
    expect(running.now).to.be.instanceOf(Bell)
  })

  it('is down once killed, and cannot be had', async () => {
    const running = await start()
    running.kill(false)
    running.kill(false)
    expect(failing(() => running.now)).to.equal('lab-broken')
  })

  it('starts anew on the same address', async () => {
    const running = await start()
    const first = running.now
    running.kill(true)
    await running.restart()
    expect(running.now).not.to.equal(first)
    const second = running.now
    await running.restart()
    expect(running.now, 'what is up stays').to.equal(second)
  })

  it('answers what it is asked', async () => {
    const running = await start()
    const asked = running.ask((bell) => bell.answers(), 'otherwise')
    running.now.answer('ding')
    expect(await asked).to.equal('ding')
  })

  it('is answered for when it is down, or killed meanwhile', async () => {
    const running = await start()
    const bell = running.now
    const asked = [running.ask(() => bell.answers(), 'one'), running.ask(() => bell.answers(), 'two')]
    running.kill(false)
    bell.answer('too late')
    expect(await Promise.all(asked)).to.deep.equal(['one', 'two'])
    expect(await running.ask(() => bell.answers(), 'down')).to.equal('down')
  })

  it('hands on what a question fails with', async () => {
    const running = await start()
    const failed = await running
      .ask(() => Promise.reject(new Error('no')), 'otherwise')
      .catch((error: unknown) => error)
    expect(failed).to.have.property('message', 'no')
  })

  it('closes what is up, and nothing when it is down', async () => {
    const running = await start()
    const bell = running.now
    await running.close()
    expect(bell.closed).to.equal(true)
    running.kill(false)
    await running.close()
  })

  it('stays down when its process is killed while it starts', async () => {
    const running = await start()
    running.kill(false)
    let killed: Process | undefined
    const doomed = await Running.start(
      'voicemail',
      () => (killed = world.process('voicemail', at.host)),
      async (process) => {
        const bell = await Bell.start(process)
        process.kill?.(false)
        return bell
      },
    )
    expect([killed?.alive, failing(() => doomed.now)]).to.deep.equal([false, 'lab-broken'])
    await doomed.restart()
  })

  it('cannot be killed where it shares a process with others', async () => {
    const running = await Running.start(
      'voicemail',
      () => realWorld.process('voicemail', at.host),
      () => Promise.resolve(new Bell(() => Promise.resolve())),
    )
    expect(failing(() => running.kill(false))).to.equal('lab-broken')
    expect(running.now, 'and lives on').to.be.instanceOf(Bell)
    await running.close()
  })
})
