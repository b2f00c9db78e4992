import { expect } from 'chai'
import { hostsResolver } from '../../src/net/resolver.ts'
import { passing, virtually } from './virtually.ts'

const rejection = (test: () => Promise<void>): Promise<string> =>
  test().then(
    () => 'passed',
    (thrown: unknown) => String(thrown),
  )

describe('a test in virtual time', () => {
  it('passes half an hour at once, and closes what it had', async () => {
    const log: string[] = []
    const days = virtually(
      (world) => passing(world.clock, 1_800_000).then(() => void log.push(`after ${world.clock.now()} ms`)),
      () => Promise.resolve(void log.push('closed')),
    )
    expect(await rejection(days)).to.equal('passed')
    expect(log).to.deep.equal(['after 1800000 ms', 'closed'])
  })

  it('fails when a socket is left open', async () => {
    const leaking = virtually(async (world) => {
      const network = world.process('guest', '127.0.10.1').network(() => undefined, hostsResolver({}))
      await network.bind({ host: '127.0.10.1', port: 0 }, () => undefined)
    })
    expect(await rejection(leaking)).to.match(/left behind/)
  })

  it('fails when a timer is left', async () => {
    const waiting = virtually((world) => Promise.resolve(void world.clock.after(60_000, () => undefined)))
    expect(await rejection(waiting)).to.match(/left behind/)
  })

  it('fails when it waits for what can never come', async () => {
    expect(await rejection(virtually(() => new Promise(() => undefined)))).to.match(/nothing is left to happen/)
  })

  it('fails with what went wrong first, and is closed all the same, if that can be', async () => {
    let closed = 0
    const closings = [() => Promise.reject(new Error('second')), () => new Promise<void>(() => undefined)]
    for (const closing of closings) {
      const failing = virtually(
        () => Promise.reject(new Error('first')),
        () => {
          closed++
          return closing()
        },
      )
      expect(await rejection(failing)).to.equal('Error: first')
    }
    expect(closed).to.equal(2)
  })
})
