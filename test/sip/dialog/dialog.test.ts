import { expect } from 'chai'
import {
  afterRequest,
  ackOf,
  calleeDialog,
  callerDialog,
  nextHop,
  nextRequest,
  refreshed,
  type Dialog,
} from '../../../src/sip/dialog/dialog.ts'
import { Headers } from '../../../src/sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'

const source = {
  transport: 'tcp',
  local: { host: '10.0.0.1', port: 5060 },
  remote: { host: '10.0.0.2', port: 40_000 },
} as const
const ours = { contact: '<sip:us@10.0.0.1>' }

const headersOf = (fields: Readonly<Record<string, string>>): Headers =>
  new Headers(Object.entries(fields).map(([name, value]) => ({ name, value })))

const invite = (more: Readonly<Record<string, string>> = {}): SipRequest => ({
  type: 'request',
  method: 'INVITE',
  uri: 'sip:b@x',
  headers: headersOf({ From: '<sip:a@x>;tag=a1', To: '<sip:b@x>', 'Call-ID': 'c1', CSeq: '7 INVITE', ...more }),
  body: new Uint8Array(),
})

const ok = (more: Readonly<Record<string, string>> = {}): SipResponse => ({
  type: 'response',
  status: 200,
  reason: 'OK',
  headers: headersOf({
    From: '<sip:a@x>;tag=a1',
    To: '<sip:b@x>;tag=b1',
    'Call-ID': 'c1',
    CSeq: '7 INVITE',
    ...more,
  }),
  body: new Uint8Array(),
})

const callee = (more: Readonly<Record<string, string>> = {}): Dialog => calleeDialog(invite(more), 'b1', source, ours)
const caller = (more: Readonly<Record<string, string>> = {}): Dialog => callerDialog(invite(), ok(more), source, ours)

describe('dialog (RFC 3261 §12)', () => {
  it('of the callee takes the route set in order, and mirrors From and To', () => {
    const dialog = callee({ 'Record-Route': '<sip:p1;lr>, <sip:p2;lr>', Contact: '<sip:a@pc>' })
    expect(dialog).to.deep.equal({
      callId: 'c1',
      localTag: 'b1',
      remoteTag: 'a1',
      local: '<sip:b@x>;tag=b1',
      remote: '<sip:a@x>;tag=a1',
      localSeq: 0,
      remoteSeq: 7,
      routes: ['<sip:p1;lr>', '<sip:p2;lr>'],
      target: 'sip:a@pc',
      contact: '<sip:us@10.0.0.1>',
    })
  })

  it('of the caller takes the route set backwards, and goes on from the number of its INVITE', () => {
    const dialog = caller({ 'Record-Route': '<sip:p1;lr>, <sip:p2;lr>', Contact: '<sip:b@pc>' })
    expect(dialog.routes).to.deep.equal(['<sip:p2;lr>', '<sip:p1;lr>'])
    expect(nextHop(dialog)).to.equal('sip:p2;lr')
    const [next, bye] = nextRequest(dialog, 'BYE', {})
    expect(bye.uri).to.equal('sip:b@pc')
    expect(bye.headers.get('CSeq')).to.equal('8 BYE')
    expect(next.localSeq).to.equal(8)
    expect(ackOf(dialog, 7).headers.get('CSeq')).to.equal('7 ACK')
  })

  it('falls back to the source where Contact is missing or unreadable', () => {
    for (const contact of [{}, { Contact: '*' }, { Contact: 'mailto:a@b' }]) {
      expect(callee(contact).target).to.equal('sip:10.0.0.2:40000;transport=tcp')
    }
  })

  it('sends to a strict router as RFC 2543 wants (RFC 3261 §12.2.1.1)', () => {
    const dialog = callee({ 'Record-Route': '<sip:strict>, <sip:p2;lr>', Contact: '<sip:a@pc>' })
    const [, bye] = nextRequest(dialog, 'BYE', {})
    expect(bye.uri).to.equal('sip:strict')
    expect(bye.headers.all('Route')).to.deep.equal(['<sip:p2;lr>', '<sip:a@pc>'])
  })

  it('takes a number that is not lower, and refuses one that is', () => {
    const request = (cseq: number) => invite({ CSeq: `${cseq} INFO` })
    expect(afterRequest(callee(), request(9))?.remoteSeq).to.equal(9)
    expect(afterRequest(callee(), request(7))?.remoteSeq).to.equal(7)
    expect(afterRequest(callee(), request(6))).to.equal(undefined)
    expect(afterRequest(caller(), request(1))?.remoteSeq).to.equal(1)
  })

  it('moves its target with a Contact, and keeps it without', () => {
    expect(refreshed(callee(), ok({ Contact: '<sip:new@pc>' })).target).to.equal('sip:new@pc')
    expect(refreshed(callee({ Contact: '<sip:old@pc>' }), ok()).target).to.equal('sip:old@pc')
  })

  it('puts our Contact where it belongs, and no header of ours twice', () => {
    const headers = [
      { name: 'CSeq', value: '99 INFO' },
      { name: 'Max-Forwards', value: '12' },
    ]
    const [, info] = nextRequest(caller(), 'INFO', { headers })
    const [, again] = nextRequest(caller(), 'INVITE', {})
    expect(info.headers.all('CSeq')).to.deep.equal(['8 INFO'])
    expect(info.headers.all('Max-Forwards')).to.deep.equal(['12'])
    expect(info.headers.has('Contact')).to.equal(false)
    expect(again.headers.get('Contact')).to.equal('<sip:us@10.0.0.1>')
  })
})
