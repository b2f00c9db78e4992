import { expect } from 'chai'
import { Headers, type HeaderField } from '../../../src/sip/message/headers.ts'
import { serialise } from '../../../src/sip/message/serialise.ts'

const body = new Uint8Array(Buffer.from('v=0\r\n'))

function written(fields: readonly HeaderField[], bytes: Uint8Array = body): string {
  const headers = new Headers(fields)
  return Buffer.from(serialise({ type: 'request', method: 'INFO', uri: 'sip:a@b', headers, body: bytes })).toString()
}

describe('writing a SIP message (RFC 3261 §7)', () => {
  it('writes a request with its headers as they are, an empty line and the body', () => {
    expect(written([{ name: 'v', value: 'SIP/2.0/UDP a' }])).to.equal(
      'INFO sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP a\r\nContent-Length: 5\r\n\r\nv=0\r\n',
    )
  })

  it('writes a response in UTF-8', () => {
    const bytes = serialise({
      type: 'response',
      status: 200,
      reason: 'schön',
      headers: new Headers(),
      body: new Uint8Array(),
    })
    expect(Buffer.from(bytes).toString('utf8')).to.equal('SIP/2.0 200 schön\r\nContent-Length: 0\r\n\r\n')
  })

  it('puts the right Content-Length in place of what stands, and adds it last when missing', () => {
    const wrong = { name: 'l', value: '17' }
    const other = { name: 'X', value: '1' }
    expect(written([wrong, other, { name: 'Content-Length', value: '9' }])).to.include('\r\nl: 5\r\nX: 1\r\n\r\n')
    expect(written([other], new Uint8Array())).to.include('\r\nX: 1\r\nContent-Length: 0\r\n\r\n')
  })

  it('lets nobody begin a new line', () => {
    const evil = 'x\r\nEvil: 1\r\n\r\nbody\nMore: 2\rAnd: 3'
    const headers = new Headers([
      { name: 'Subject', value: evil },
      { name: 'A\r\nEvil: 1', value: 'x' },
      { name: '\r\n', value: 'Evil: 1' },
    ])
    const messages = [
      serialise({ type: 'request', method: evil, uri: evil, headers, body }),
      serialise({ type: 'response', status: 200, reason: evil, headers, body }),
    ]
    for (const bytes of messages) {
      const lines = Buffer.from(bytes)
        .toString()
        .split(/\r\n|\r|\n/)
      expect(lines.slice(1)).to.deep.equal([
        'Subject: x Evil: 1 body More: 2 And: 3',
        'AEvil1: x',
        'Content-Length: 5',
        '',
        'v=0',
        '',
      ])
    }
  })
})
