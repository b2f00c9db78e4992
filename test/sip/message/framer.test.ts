import { expect } from 'chai'
import fc from 'fast-check'
import { Framer, type FramerOutput } from '../../../src/sip/message/framer.ts'
import { serialise } from '../../../src/sip/message/serialise.ts'
import { mutated, sipMessage } from './arbitrary.ts'
import { options } from './lines.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** What came out, short: `ping`, the body of a message, or why it was refused. */
function short(output: FramerOutput): string {
  if (output === 'ping') return output
  return output.ok ? Buffer.from(output.message.body).toString() : output.reason
}

function feed(framer: Framer, ...parts: readonly Uint8Array[]): string[] {
  return parts.flatMap((part) => framer.push(part)).map(short)
}

/** Pieces of `stream`, cut at each place. */
function cut(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places].sort((a, b) => a - b).map((place) => place % (stream.length + 1))
  const sorted = [0, ...ends.sort((a, b) => a - b), stream.length]
  return sorted.slice(1).map((end, i) => stream.slice(sorted[i], end))
}

describe('framing a stream (RFC 3261 §18.3)', () => {
  it('reads several messages from one segment', () => {
    const framer = new Framer()
    expect(feed(framer, join(options({}, 'one'), options({}, 'two'), options()))).to.deep.equal(['one', 'two', ''])
    expect(framer.broken).to.equal(false)
  })

  it('reads a message that comes byte by byte, once', () => {
    const stream = join(options({}, 'one'), options({}, 'two'))
    expect(feed(new Framer(), ...[...stream].map((byte) => Uint8Array.of(byte)))).to.deep.equal(['one', 'two'])
  })

  it('takes CRLF CRLF between messages as a ping (RFC 5626 §3.5.1), however it is split', () => {
    const framer = new Framer()
    const parts = [options({}, 'one'), bytes('\r\n'), bytes('\r'), bytes('\n'), bytes('\r\n\r\n'), options({}, 'two')]
    expect(feed(framer, ...parts)).to.deep.equal(['one', 'ping', 'ping', 'two'])
  })

  it('skips a lone CRLF before a message', () => {
    expect(feed(new Framer(), join(bytes('\r\n'), options({}, 'one')))).to.deep.equal(['one'])
  })

  it('takes CRLF CRLF in a body as part of it', () => {
    expect(feed(new Framer(), options({}, 'a\r\n\r\nb'))).to.deep.equal(['a\r\n\r\nb'])
  })

  it('goes on behind a malformed message whose length is known', () => {
    const framer = new Framer()
    const stream = join(options({ CSeq: 'x' }, 'one'), options({}, 'two'))
    expect(feed(framer, stream)).to.deep.equal(['CSeq is malformed', 'two'])
    expect(framer.broken).to.equal(false)
  })

  for (const [name, value, reason] of [
    ['missing', '', 'Content-Length is missing'],
    ['malformed', '1x', 'Content-Length is malformed'],
  ] as const) {
    it(`is broken by a ${name} Content-Length, and the request can still be answered`, () => {
      const framer = new Framer()
      const [output, ...more] = framer.push(join(options({ 'Content-Length': value }), options()))
      expect(output).to.include({ ok: false, reason }).and.to.have.nested.property('request.method', 'OPTIONS')
      expect(more).to.deep.equal([])
      expect(framer.broken).to.equal(true)
      expect(framer.push(options())).to.deep.equal([])
    })
  }

  it('is broken by a message past the limit, whether its head or its body is too long', () => {
    const limit = { maxBytes: 400 }
    const size = options({}, '123').length
    expect(feed(new Framer({ maxBytes: size }), options({}, '123'))).to.deep.equal(['123'])
    for (const stream of [
      bytes('x'.repeat(401)),
      options({ X: 'x'.repeat(400) }),
      options({ 'Content-Length': '400' }),
    ]) {
      const framer = new Framer(limit)
      expect(feed(framer, stream)).to.deep.equal(['the message is longer than 400 bytes'])
      expect(framer.broken).to.equal(true)
    }
  })

  it('gives the same whatever the split', () => {
    const part = fc.oneof(
      sipMessage.map(serialise),
      mutated(sipMessage.map(serialise)),
      fc.constantFrom(bytes('\r\n\r\n'), bytes('\r\n'), options(), options({ CSeq: 'x' }), bytes('garbage')),
    )
    const places = fc.array(fc.nat(), { maxLength: 12 })
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        places,
        fc.constantFrom(300, 65_536),
        (parts, at, max) => {
          const stream = join(...parts)
          const whole = new Framer({ maxBytes: max })
          const pieces = new Framer({ maxBytes: max })
          const bytewise = new Framer({ maxBytes: max })
          const expected = whole.push(stream).map(seen)
          expect(
            cut(stream, at)
              .flatMap((piece) => pieces.push(piece))
              .map(seen),
          ).to.deep.equal(expected)
          expect([...stream].flatMap((byte) => bytewise.push(Uint8Array.of(byte))).map(seen)).to.deep.equal(expected)
          expect([pieces.broken, bytewise.broken]).to.deep.equal([whole.broken, whole.broken])
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('never throws on random bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (parts) => {
        const framer = new Framer({ maxBytes: 100 })
        for (const part of parts) framer.push(part)
      }),
      { numRuns: 2000 },
    )
  })
})

/** All that an output holds, as text. */
function seen(output: FramerOutput): string {
  if (output === 'ping') return output
  if (output.ok) return Buffer.from(serialise(output.message)).toString('latin1')
  const answerable = output.request === undefined ? 'none' : Buffer.from(serialise(output.request)).toString('latin1')
  return `${output.reason} ${output.offset} ${answerable}`
}
