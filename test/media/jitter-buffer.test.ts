import { expect } from 'chai'
import { JitterBuffer } from '../../src/media/jitter-buffer.ts'

describe('jitter buffer', () => {
  let buffer: JitterBuffer

  beforeEach(() => {
    buffer = new JitterBuffer(320)
  })

  const packet = (value: number, length = 160): Uint8Array => new Uint8Array(length).fill(value)

  /** What each of the next ticks holds: one digit a frame, `.` for none, a pair for a frame of two halves. */
  function play(ticks: number): string[] {
    return Array.from({ length: ticks }, () => {
      const frame = new Uint8Array(160)
      const found = buffer.read(frame)
      return found === 0 ? '.' : [...new Set(frame)].join('|')
    })
  }

  it('plays a stream its delay after it began', () => {
    buffer.insert(1000, packet(1), false)
    buffer.insert(1160, packet(2), false)
    expect(play(5)).to.deep.equal(['.', '.', '1', '2', '.'])
  })

  it('orders by timestamp, across its wrap', () => {
    const start = 2 ** 32 - 160
    buffer.insert(start, packet(1), false)
    buffer.insert(160, packet(3), false)
    buffer.insert(0, packet(2), false)
    expect(play(5)).to.deep.equal(['.', '.', '1', '2', '3'])
  })

  it('takes packets longer and shorter than a tick', () => {
    buffer.insert(0, packet(1, 240), false)
    buffer.insert(240, packet(2, 80), false)
    buffer.insert(320, packet(3, 80), false)
    expect(play(5)).to.deep.equal(['.', '.', '1', '1|2', '3|0'])
  })

  it('keeps the place of what is missing', () => {
    buffer.insert(0, packet(1), false)
    buffer.insert(320, packet(3), false)
    expect(play(6)).to.deep.equal(['.', '.', '1', '.', '3', '.'])
  })

  for (const start of [0, 1, 2, 3]) {
    it(`leaves alone the one sample that is missing, ${start} past a word`, () => {
      buffer.insert(start, packet(1, 50), false)
      buffer.insert(start + 51, packet(2, 109), false)
      play(2)
      const frame = new Uint8Array(160).fill(9)
      expect(buffer.read(frame)).to.equal(159)
      expect([...frame]).to.deep.equal([...packet(1, 50), 9, ...packet(2, 109)])
    })
  }

  it('reads any number of samples at a time, up to the very end of its room', () => {
    buffer.insert(
      8192 - 160,
      Uint8Array.from({ length: 160 }, (_, i) => i),
      false,
    )
    play(2)
    const read = [1, 3, 4, 7, 8, 137].flatMap((length) => {
      const part = new Uint8Array(length)
      expect(buffer.read(part)).to.equal(length)
      return [...part]
    })
    expect(read).to.deep.equal(Array.from({ length: 160 }, (_, i) => i))
  })

  it('drops what is late and keeps the half that is not', () => {
    buffer.insert(0, packet(1), false)
    play(3)
    expect(buffer.insert(0, packet(9), false)).to.equal(false)
    expect(buffer.insert(80, packet(2), false)).to.equal(true)
    expect(play(1)).to.deep.equal(['2|0'])
  })

  it('runs round its room for minutes', () => {
    for (let n = 0; n < 3000; n++) {
      buffer.insert(160 * n, packet((n % 9) + 1), false)
      const [frame] = play(1)
      expect(frame).to.equal(n < 2 ? '.' : String(((n - 2) % 9) + 1))
    }
  })

  it('starts anew when timestamps leap forward', () => {
    buffer.insert(0, packet(1), false)
    buffer.insert(1_000_000, packet(2), false)
    expect(play(3)).to.deep.equal(['.', '.', '2'])
  })

  it('starts anew after half a second of packets from the past, at once with a marker, and never for a burst that was held up', () => {
    buffer.insert(8000, packet(1), false)
    play(3)
    for (let n = 0; n < 24; n++) expect(buffer.insert(160 * n, packet(2), false)).to.equal(false)
    expect(buffer.insert(3840, packet(3), false)).to.equal(true)
    expect(play(3)).to.deep.equal(['.', '.', '3'])
    expect(buffer.insert(100, packet(4), true)).to.equal(true)
    expect(play(3)).to.deep.equal(['.', '.', '4'])
  })

  for (const first of [0, 100, 2 ** 31 - 80, 2 ** 31, 2 ** 32 - 160]) {
    it(`knows how much it holds ahead when timestamps begin at ${first}`, () => {
      const fresh = new JitterBuffer(320)
      expect(fresh.ahead).to.equal(0)
      fresh.insert(first, packet(1), false)
      fresh.insert((first + 160) >>> 0, packet(2), false)
      expect(fresh.ahead).to.equal(640)
      for (let n = 0; n < 4; n++) fresh.read(new Uint8Array(160))
      expect(fresh.ahead).to.equal(0)
      fresh.read(new Uint8Array(160))
      expect(fresh.ahead).to.equal(0)
    })
  }

  it('takes nothing longer than 240 ms', () => {
    expect(buffer.insert(0, packet(1, 1921), false)).to.equal(false)
    expect(play(1)).to.deep.equal(['.'])
  })
})
