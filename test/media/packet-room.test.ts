import { expect } from 'chai'
import { PacketRoom } from '../../src/media/packet-room.ts'

describe('packet room', () => {
  const packet = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i)

  for (const length of [0, 12, 172, 1500, 1501, 70_000]) {
    it(`holds ${length} bytes, with room behind them`, () => {
      const room = new PacketRoom()
      room.enter(packet(length))
      room.view.setUint8(length + 127, 1)
      expect(room.leave(length)).to.deep.equal(packet(length))
    })
  }

  it('shows one and the same bytes as words and in any width', () => {
    const room = new PacketRoom()
    room.enter(packet(16))
    room.words[1] = 0
    room.view.setUint16(8, 0xfffe)
    room.put(Uint8Array.of(9, 9), 15)
    expect([...room.leave(17)]).to.deep.equal([0, 1, 2, 3, 0, 0, 0, 0, 0xff, 0xfe, 10, 11, 12, 13, 14, 9, 9])
  })

  it('lets go of what it copied', () => {
    const room = new PacketRoom()
    room.enter(packet(4))
    const left = room.leave(4)
    room.enter(Uint8Array.of(7, 7, 7, 7))
    expect([...left]).to.deep.equal([0, 1, 2, 3])
  })
})
