import { expect } from 'chai'
import { settled } from '../support/fake-sip.ts'
import { Teardown } from '../../src/lab/teardown.ts'

describe('Teardown', () => {
  const make = (): { teardown: Teardown; log: string[]; add: (name: string) => void } => {
    const teardown = new Teardown()
    const log: string[] = []
    return { teardown, log, add: (name) => teardown.add(() => Promise.resolve(void log.push(name))) }
  }

  it('undoes backwards, once', async () => {
    const { teardown, log, add } = make()
    for (const name of ['one', 'two', 'three']) add(name)
    await teardown.run()
    await teardown.run()
    expect(log).to.deep.equal(['three', 'two', 'one'])
  })

  it('goes on to the end whatever fails, and tells the first failure', async () => {
    const { teardown, log, add } = make()
    add('one')
    teardown.add(() => Promise.reject(new Error('second')))
    teardown.add(() => {
      throw new Error('first')
    })
    const thrown: unknown = await teardown.run().catch((error: unknown) => error)
    expect(thrown).to.have.property('message', 'first')
    expect(log).to.deep.equal(['one'])
  })

  it('waits for a run that goes on, and takes what was added meanwhile', async () => {
    const { teardown, log, add } = make()
    let free: () => void = () => undefined
    teardown.add(() => new Promise<void>((resolve) => (free = resolve)).then(() => void log.push('slow')))
    const first = teardown.run()
    await settled()
    add('late')
    const second = teardown.run().then(() => log.push('second'))
    await settled()
    free()
    await Promise.all([first, second])
    expect(log).to.deep.equal(['slow', 'late', 'second'])
  })
})
