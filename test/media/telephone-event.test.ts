import { expect } from 'chai'
import type { RtpPacket } from '../../src/media/rtp.ts'
import { digitEvents, digitOf, DigitReceiver, type DigitOptions, eventOf } from '../../src/media/telephone-event.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const packets = (digit: string, timestamp: number, options: DigitOptions = {}, ssrc = 1): RtpPacket[] =>
  digitEvents(digit, options).map(({ payload, marker, timestampOffset }, i) => ({
    payloadType: 101,
    marker,
    sequence: i,
    timestamp: (timestamp + timestampOffset) >>> 0,
    ssrc,
    payload,
  }))
const heard = (...given: RtpPacket[]): string => {
  const receiver = new DigitReceiver()
  return given.map((packet) => receiver.receive(packet) ?? '').join('')
}

describe('telephone-event codes (RFC 4733 §3.2)', () => {
  it('are 0 to 15 for 0-9, *, # and A-D', () => {
    expect('0123456789*#ABCD'.split('').map(eventOf)).to.deep.equal(Array.from({ length: 16 }, (_, code) => code))
    expect(Array.from({ length: 16 }, (_, code) => digitOf(code)).join('')).to.equal('0123456789*#ABCD')
  })

  it('are none for anything else', () => {
    expect(['', 'E', '12', ' '].map(eventOf)).to.deep.equal([undefined, undefined, undefined, undefined])
    expect(digitOf(16)).to.equal(undefined)
  })
})

describe('sending a digit (RFC 4733 §2.5.1)', () => {
  it('grows the duration by a packet time and ends three times', () => {
    const events = digitEvents('#', { ptime: 20, durationMs: 100, volume: 10 })
    expect(events.map(({ payload }) => hex(payload))).to.deep.equal([
      '0b0a00a0',
      '0b0a0140',
      '0b0a01e0',
      '0b0a0280',
      '0b8a0320',
      '0b8a0320',
      '0b8a0320',
    ])
  })

  it('has the marker on the first packet alone, and one timestamp', () => {
    const events = digitEvents('1')
    expect(events.map(({ marker }) => marker)).to.deep.equal([true, false, false, false, false, false, false])
    expect(new Set(events.map(({ timestampOffset }) => timestampOffset))).to.deep.equal(new Set([0]))
  })

  it('writes the last digit of the example of §2.5: 1, volume 20, 200 ms in packets of 50 ms', () => {
    const events = digitEvents('1', { ptime: 50, durationMs: 200, volume: 20 })
    expect(events.map(({ payload }) => hex(payload))).to.deep.equal([
      '01140190',
      '01140320',
      '011404b0',
      '01940640',
      '01940640',
      '01940640',
    ])
  })

  it('ends at a duration that is no multiple of the packet time', () => {
    expect(digitEvents('5', { durationMs: 50 }).map(({ payload }) => hex(payload).slice(4))).to.deep.equal([
      '00a0',
      '0140',
      '0190',
      '0190',
      '0190',
    ])
  })

  it('splits an event longer than its field into segments (§2.5.1.3)', () => {
    const events = digitEvents('5', { ptime: 100, durationMs: 10_000, volume: 0 })
    const full = events.findIndex(({ payload }) => hex(payload) === '0500ffff')
    expect(events[full + 1]).to.deep.include({ marker: false, timestampOffset: 0xffff })
    expect(hex(events.at(-1)!.payload)).to.equal(`0580${(80_000 - 0xffff).toString(16)}`)
  })

  it('sends nothing for what is not a digit', () => {
    expect(digitEvents('x')).to.deep.equal([])
  })
})

describe('receiving digits', () => {
  it('hears each once, all of them', () => {
    const dialled = '0123456789*#ABCD'.split('')
    expect(heard(...dialled.flatMap((digit, i) => packets(digit, 2000 * i)))).to.equal('0123456789*#ABCD')
  })

  it('hears the same digit twice when it is pressed twice', () => {
    expect(heard(...packets('7', 0), ...packets('7', 1600))).to.equal('77')
  })

  it('hears a digit whose start is lost, or its end, or all but one packet', () => {
    const all = packets('7', 4000)
    expect(heard(...all.slice(4))).to.equal('7')
    expect(heard(...all.slice(0, 3), ...packets('8', 8000))).to.equal('78')
    for (const packet of all) expect(heard(packet)).to.equal('7')
  })

  it('hears nothing twice when packets are repeated or come late', () => {
    const [one, two] = [packets('1', 1000), packets('2', 3000)]
    expect(heard(...one, ...two.slice(0, 2), one[6]!, ...two.slice(2), ...two)).to.equal('12')
  })

  it('hears a digit across the wrap of the timestamp, and once', () => {
    const before = packets('1', 2 ** 32 - 1000)
    expect(heard(...before, ...packets('2', 600), before[6]!)).to.equal('12')
  })

  it('hears a long event once (§2.5.1.3)', () => {
    expect(heard(...packets('5', 100, { durationMs: 20_000 }))).to.equal('5')
  })

  it('hears a sender that starts anew, under another SSRC or far back in time', () => {
    expect(heard(...packets('1', 500_000), ...packets('2', 500_000, {}, 2), ...packets('3', 0, {}, 2))).to.equal('123')
  })

  it('passes over other events and cut payloads', () => {
    const [first] = packets('1', 0)
    expect(heard({ ...first!, payload: Uint8Array.of(16, 10, 0, 160) })).to.equal('')
    expect(heard({ ...first!, payload: first!.payload.subarray(0, 3) })).to.equal('')
    expect(heard({ ...first!, payload: new Uint8Array(0) })).to.equal('')
  })
})
