import { expect } from 'chai'
import { below, seededRandom, systemRandom, token } from '../../src/kernel/random.ts'

describe('random', () => {
  it('gives the same bytes for the same seed, however they are asked for', () => {
    const whole = seededRandom('seed').bytes(100)
    const parts = seededRandom('seed')
    const joined = [parts.bytes(1), parts.bytes(33), parts.bytes(66)].flatMap((bytes) => [...bytes])
    expect(joined).to.deep.equal([...whole])
  })

  it('gives other bytes for another seed, and goes on', () => {
    const one = seededRandom(1)
    expect(token(one, 16)).not.to.equal(token(one, 16))
    expect(token(seededRandom(1), 16)).not.to.equal(token(seededRandom(2), 16))
  })

  it('hands out bytes that the next call does not change', () => {
    const random = seededRandom('seed')
    const first = random.bytes(8)
    const copy = [...first]
    random.bytes(64)
    expect([...first]).to.deep.equal(copy)
  })

  it('makes a token of two hexadecimal digits a byte, eight bytes when not told', () => {
    expect(token(seededRandom('seed'))).to.match(/^[0-9a-f]{16}$/)
    expect(token(systemRandom, 3)).to.match(/^[0-9a-f]{6}$/)
  })

  it('draws from 0 up to the limit, never the limit itself', () => {
    const random = seededRandom('seed')
    const drawn = Array.from({ length: 300 }, () => below(random, 3))
    expect([...new Set(drawn)].sort()).to.deep.equal([0, 1, 2])
    expect(below({ bytes: (n) => new Uint8Array(n).fill(255) }, 2 ** 32)).to.equal(2 ** 32 - 1)
    expect(below({ bytes: (n) => new Uint8Array(n) }, 10)).to.equal(0)
  })
})
