import { expect } from 'chai'
import { allocate } from '../../src/media/slab.ts'

describe('slab', () => {
  it('gives zero bytes of every length, each to one owner', () => {
    const lengths = Array.from({ length: 2000 }, (_, i) => (i * 37) % 1500)
    const all = lengths.map((length) => allocate(length))
    all.forEach((bytes, i) => {
      expect(bytes.every((byte) => byte === 0)).to.equal(true)
      bytes.fill(i % 256)
    })
    all.forEach((bytes, i) => {
      expect(bytes).to.have.length(lengths[i]!)
      expect(bytes.every((byte) => byte === i % 256)).to.equal(true)
    })
  })

  it('gives what is longer than a slab memory of its own', () => {
    const long = allocate(100_000)
    expect(long).to.have.length(100_000)
    expect(long.buffer.byteLength).to.equal(100_000)
  })
})
