import { expect } from 'chai'
import fc from 'fast-check'
import { fingerprint, WireLog } from '../../../src/lab/virtual/wire-log.ts'

const pbx = { host: '127.0.10.10', port: 5060 }
const sbc = { host: '127.0.10.20', port: 5060 }

describe('the fingerprint of bytes', () => {
  it('is the same for the same bytes, two words of 32 bits', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const words = fingerprint(bytes)
        expect(fingerprint(Uint8Array.from(bytes))).to.deep.equal(words)
        for (const word of words) expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32).to.equal(true)
      }),
    )
  })

  it('differs with any one byte, with their order and with their number', () => {
    const of = (...bytes: readonly number[]): string => fingerprint(Uint8Array.from(bytes)).join(' ')
    const all = Array.from({ length: 256 }, (_, byte) => of(1, byte, 3))
    all.push(of(), of(0), of(0, 0), of(3, 2, 1), of(1, 3, 2))
    expect(new Set(all).size).to.equal(all.length)
  })
})

describe('the log of a wire', () => {
  const write = { direction: 'out', local: pbx, remote: sbc } as const
  let now: number
  let log: WireLog
  beforeEach(() => {
    now = 0
    log = new WireLog(() => now)
  })

  it('is empty at first', () => {
    expect([log.count, log.text()]).to.deep.equal([0, ''])
  })

  it('has a line a write: when, how, from where to where, how long, and a hash', () => {
    const bytes = Buffer.from('INVITE')
    log.tap({ ...write, transport: 'udp', bytes })
    now = 1234.56789
    log.tap({ direction: 'out', transport: 'tls', local: { ...sbc }, remote: pbx, bytes: new Uint8Array() })
    const [high, low] = fingerprint(bytes).map((word) => word.toString(16).padStart(8, '0'))
    const lines = log.text().split('\n')
    expect(lines[0]).to.equal(`0.000 udp 127.0.10.10:5060 127.0.10.20:5060 6 ${high ?? ''}${low ?? ''}`)
    expect(lines[1]).to.match(/^1234\.568 tls 127\.0\.10\.20:5060 127\.0\.10\.10:5060 0 [0-9a-f]{16}$/)
    expect([log.count, lines.length]).to.deep.equal([2, 3])
  })

  it('tells the transports apart that share two addresses', () => {
    const bytes = Buffer.from('x')
    for (const transport of ['udp', 'tcp', 'udp'] as const) log.tap({ ...write, transport, bytes })
    const transports = log
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[1])
    expect(transports).to.deep.equal(['udp', 'tcp', 'udp'])
  })

  it('keeps every line, however many', () => {
    for (now = 0; now < 5000; now++) log.tap({ ...write, transport: 'udp', bytes: Uint8Array.of(now & 255) })
    const lines = log.text().trimEnd().split('\n')
    expect([log.count, lines.length]).to.deep.equal([5000, 5000])
    expect(lines.map((line) => Number(line.split(' ')[0]))).to.deep.equal(Array.from({ length: 5000 }, (_, ms) => ms))
  })
})
