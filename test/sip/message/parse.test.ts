import { expect } from 'chai'
import fc from 'fast-check'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parseMessage, type ParseResult } from '../../../src/sip/message/parse.ts'
import { serialise } from '../../../src/sip/message/serialise.ts'
import { mutated, sipMessage } from './arbitrary.ts'
import { message, options } from './lines.ts'

function read(bytes: Uint8Array): SipMessage {
  const result = parseMessage(bytes)
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`)
  return result.message
}

function refused(bytes: Uint8Array): Extract<ParseResult, { ok: false }> {
  const result = parseMessage(bytes)
  if (result.ok) throw new Error('it was read')
  return result
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const via = 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'
const dialog = ['From: <sip:a@example.com>;tag=1', 'To: <sip:b@example.com>;tag=2', 'Call-ID: x', 'CSeq: 1 INVITE']

describe('reading a SIP message (RFC 3261 §7)', () => {
  it('reads a request', () => {
    const m = read(options({ 'Content-Type': 'text/plain' }, 'hallo'))
    expect(m).to.include({ type: 'request', method: 'OPTIONS', uri: 'sip:user@example.com' })
    expect(m.headers.get('content-type')).to.equal('text/plain')
    expect(textOf(m.body)).to.equal('hallo')
  })

  it('reads a response, with and without a reason phrase', () => {
    const ok = read(message(['SIP/2.0 183 Session Progress', via, ...dialog]))
    expect(ok).to.include({ type: 'response', status: 183, reason: 'Session Progress' })
    for (const line of ['SIP/2.0 486 ', 'sip/2.0 486']) {
      expect(read(message([line, via, ...dialog]))).to.include({ status: 486, reason: '' })
    }
  })

  it('keeps order, case and compact form of headers', () => {
    const lines = ['v: SIP/2.0/UDP 192.0.2.1', 'f: sip:a@b;tag=1', 'T: sip:b@b', 'I: x', 'cSEQ: 7 INVITE', 'X-Own: 1']
    const m = read(message(['INVITE sip:b@b SIP/2.0', ...lines]))
    expect([...m.headers].map((h) => `${h.name}: ${h.value}`)).to.deep.equal(lines)
  })

  it('unfolds a header over several lines into one space (RFC 3261 §7.3.1)', () => {
    const m = read(options({ Subject: 'I know you are there,\r\n \t pick up\r\n\tthe phone  ' }))
    expect(m.headers.get('Subject')).to.equal('I know you are there, pick up the phone')
  })

  it('skips empty lines before the start line (RFC 3261 §7.5)', () => {
    expect(read(Buffer.concat([Buffer.from('\r\n\r\n'), options()]))).to.include({ method: 'OPTIONS' })
  })

  it('reads UTF-8, and what is not UTF-8 as latin1', () => {
    const utf8 = options({ Subject: 'Grüße \ufffd' })
    expect(read(utf8).headers.get('Subject')).to.equal('Grüße \ufffd')
    const latin1 = Buffer.from(textOf(options({ Subject: 'Grüße' })), 'latin1')
    expect(read(latin1).headers.get('Subject')).to.equal('Grüße')
  })

  it('gives a body of its own, which does not change with the buffer it came in', () => {
    const bytes = options({}, 'hallo')
    const { body } = read(bytes)
    bytes.fill(0)
    expect(textOf(body)).to.equal('hallo')
  })
})

describe('the body of a datagram (RFC 3261 §18.3)', () => {
  it('is cut where Content-Length says', () => {
    expect(textOf(read(options({ 'Content-Length': '3' }, 'hallo')).body)).to.equal('hal')
  })

  it('is all of the rest without a Content-Length', () => {
    expect(textOf(read(options({ 'Content-Length': '' }, 'hallo')).body)).to.equal('hallo')
  })

  it('is refused when Content-Length is more than what is there', () => {
    const { reason, request } = refused(options({ 'Content-Length': '6' }, 'hallo'))
    expect(reason).to.equal('Content-Length is more than the bytes that follow')
    expect(request?.method).to.equal('OPTIONS')
  })

  it('is refused when Content-Length is no number, or two disagree', () => {
    for (const value of ['-999', '1e1', 'x', '5\r\nContent-Length: 4', '9999999999']) {
      expect(refused(options({ 'Content-Length': value }, 'hallo')).reason).to.equal('Content-Length is malformed')
    }
  })
})

describe('a malformed message', () => {
  const cases: Record<string, readonly [Uint8Array, string]> = {
    'no bytes at all': [new Uint8Array(), 'the first line is neither a request line nor a status line'],
    'another version': [options({ start: 'OPTIONS sip:a@b SIP/7.0' }), 'the version is not SIP/2.0'],
    'no version': [options({ start: 'OPTIONS sip:a@b' }), 'the version is not SIP/2.0'],
    'a Request-URI without scheme': [options({ start: 'OPTIONS user SIP/2.0' }), 'the Request-URI is malformed'],
    'no Via': [options({ Via: '' }), 'Via is missing'],
    'a Via without host': [options({ Via: 'SIP/2.0/UDP' }), 'Via is malformed'],
    'no From': [options({ From: '' }), 'From is missing'],
    'two To': [options({ To: 'sip:a@b\r\nt: sip:c@d' }), 'To stands more than once'],
    'an open quote in To': [options({ To: '"Mr. J. User <sip:user@example.com>' }), 'To is malformed'],
    'a Call-ID of two words': [options({ 'Call-ID': 'a b' }), 'Call-ID is malformed'],
    'a CSeq of 2^31': [options({ CSeq: '2147483648 OPTIONS' }), 'CSeq is malformed'],
    'a CSeq of another method': [options({ CSeq: '1 INVITE' }), 'CSeq has another method than the request'],
    'a header without colon': [options({ Subject: 'x\r\nnonsense' }), 'a header line is not "name: value"'],
    'a bare LF': [options({ Subject: 'x\nEvil: y' }), 'a CR or LF stands alone'],
    'a fold without header': [message(['OPTIONS sip:a@b SIP/2.0', ' x']), 'a folded line has no header to continue'],
    'no empty line': [options().subarray(0, -4), 'no empty line ends the headers'],
    'a status of seven': [message(['SIP/2.0 700 x', via, ...dialog]), 'the status line is not "SIP/2.0 status reason"'],
  }
  for (const [name, [bytes, reason]] of Object.entries(cases)) {
    it(`is refused: ${name}`, () => {
      expect(refused(bytes).reason).to.equal(reason)
    })
  }

  it('is refused with the byte offset of its fault', () => {
    const bytes = Buffer.concat([Buffer.from('\r\n'), options({ Subject: 'Grüße', Fault: 'x\ny' })])
    expect(refused(bytes).offset).to.equal(bytes.indexOf('\ny'))
    const cseq = options({ Subject: 'Grüße', CSeq: 'x' })
    expect(refused(cseq).offset).to.equal(Buffer.from(cseq).indexOf('CSeq'))
  })

  it('can be answered when Via, From, To, Call-ID and CSeq stand in it', () => {
    const { request } = refused(options({ start: 'OPTIONS sip:a@b SIP/7.0', Subject: 'x\r\nnonsense' }))
    expect(request).to.include({ type: 'request', method: 'OPTIONS', uri: 'sip:a@b' })
    expect(request?.headers.get('CSeq')).to.equal('60 OPTIONS')
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) {
      expect(refused(options({ [name]: '' })), name).not.to.have.property('request')
    }
  })

  it('cannot be answered when it is a response', () => {
    const bytes = message(['SIP/2.0 200 OK', via, ...dialog, 'nonsense'])
    expect(refused(bytes)).to.include({ ok: false }).and.not.to.have.property('request')
  })

  it('is one of more than 64 KiB, or of more than 256 header fields', () => {
    expect(parseMessage(options({}, 'x'.repeat(65_000))).ok).to.equal(true)
    expect(refused(options({}, 'x'.repeat(65_536))).reason).to.match(/longer than 65536 bytes/)
    const fields = (count: number): string => `1${'\r\nX: 1'.repeat(count - 1)}`
    expect(parseMessage(options({ X: fields(249) })).ok).to.equal(true)
    expect(refused(options({ X: fields(250) })).reason).to.equal('there are more than 256 header fields')
  })
})

describe('reading what was written', () => {
  it('gives the same message', () => {
    fc.assert(
      fc.property(sipMessage, (m) => {
        const back = read(serialise(m))
        expect({ ...back, headers: [...back.headers] }).to.deep.equal({ ...m, headers: [...m.headers] })
      }),
      { numRuns: 1000 },
    )
  })

  it('never throws on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(parseMessage(bytes).ok).to.equal(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('never throws on a damaged message, and what it reads can be written and read again', () => {
    fc.assert(
      fc.property(mutated(sipMessage.map(serialise)), (bytes) => {
        const result = parseMessage(bytes)
        if (result.ok) expect(read(serialise(result.message))).to.have.property('type', result.message.type)
        else expect(result.offset).to.be.within(0, bytes.length)
      }),
      { numRuns: 3000 },
    )
  })
})
