import { expect } from 'chai'
import { Lifeline } from '../../../src/net/memory/lifeline.ts'

describe('the lifeline of a process', () => {
  let life: Lifeline
  let severed: string[]
  const hold = (name: string): (() => void) => life.hold(() => severed.push(name))

  beforeEach(() => {
    life = new Lifeline()
    severed = []
  })

  it('severs all that it holds when it is killed, each once', () => {
    hold('socket')
    hold('listener')
    expect([life.alive, life.holds]).to.deep.equal([true, 2])
    life.kill()
    life.kill()
    expect(severed).to.deep.equal(['socket', 'listener'])
    expect([life.alive, life.holds]).to.deep.equal([false, 0])
  })

  it('lets go of what is closed before', () => {
    const letGo = hold('closed')
    letGo()
    life.kill()
    expect(severed).to.deep.equal([])
  })

  it('is dead already when it severs, and bears what is let go meanwhile', () => {
    life.hold(() => {
      severed.push(life.alive ? 'alive' : 'dead')
      letGo()
    })
    const letGo = hold('second')
    life.kill()
    expect(severed).to.deep.equal(['dead', 'second'])
  })

  it('severs at once what a dead process still opens', () => {
    life.kill()
    hold('late')
    expect([severed, life.holds]).to.deep.equal([['late'], 0])
  })
})
