import { expect } from 'chai'
import type { SipEvent } from '../../src/sip/events.ts'
import type { Reply, Session, SessionHandlers } from '../../src/sip/face.ts'
import { rawDatagrams, rawRequest, rawResponse, type RawPeer, type RawRequest } from './raw-peer.ts'
import { headerOf, Stage, type Station } from './stage.ts'

const at = { host: '127.0.20.1', port: 5060 }
const knows = 'Supported: timer'

describe('session timers of a call that a peer makes (RFC 4028 §9)', () => {
  let stage: Stage
  let bob: Station
  let peer: RawPeer
  let cseq: number

  beforeEach(async () => {
    stage = new Stage()
    bob = await stage.station('bob', at.host)
    peer = await rawDatagrams(stage.network, { host: '127.0.10.9', port: 5070 }, at)
    cseq = 1
  })

  afterEach(async () => {
    await stage.close(bob)
    await peer.close()
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  const latest = () => peer.received.at(-1) ?? ''
  const status = () => latest().slice(8, 11)
  const named = (method: string) => peer.received.filter((text) => text.startsWith(`${method} `))
  const said = (type: SipEvent['type']) => bob.events.filter((event) => event.type === type)

  async function send(order: RawRequest): Promise<void> {
    peer.send(rawRequest(order))
    await stage.settle()
  }

  async function talking(headers: readonly string[], handlers: SessionHandlers = {}): Promise<Session> {
    await send({ method: 'INVITE', headers })
    const session = bob.call().accept({}, handlers)
    await stage.settle()
    await send({ method: 'ACK', toTag: session.localTag, branch: 'z9hG4bK-ack' })
    return session
  }

  const inDialog = ({ localTag: toTag }: Session, method: string, headers: readonly string[] = [], body = '') =>
    send({ method, toTag, cseq: ++cseq, headers, body })

  it('are refused with 422 under 90 s, and no service hears of the call', async () => {
    await send({ method: 'INVITE', headers: [knows, 'Session-Expires: 89'] })
    expect([status(), headerOf(latest(), 'Min-SE')]).to.deep.equal(['422', '90'])
    expect(latest()).to.match(/^SIP\/2\.0 422 Session Interval Too Small/)
    expect(bob.calls).to.be.empty
  })

  it('are known though Require asks for them', async () => {
    await talking(['Require: timer', 'Session-Expires: 1800'])
    expect(headerOf(peer.received.find((text) => text.startsWith('SIP/2.0 200')) ?? '', 'Session-Expires')).to.equal(
      '1800;refresher=uac',
    )
  })

  it('are kept for a peer that does not know them, where a proxy asked: by re-INVITE, without Require', async () => {
    const bytes = Buffer.from('v=0\r\n')
    await talking(['x: 600'], { description: () => ({ type: 'application/sdp', bytes }) })
    const ok = peer.received.find((text) => text.startsWith('SIP/2.0 200')) ?? ''
    expect([headerOf(ok, 'Session-Expires'), headerOf(ok, 'Require')]).to.deep.equal(['600;refresher=uas', undefined])
    await stage.leap(300_000)
    expect(headerOf(named('INVITE')[0] ?? '', 'Session-Expires')).to.equal('600;refresher=uac')
  })

  it('hang up on a peer that stops refreshing, at the right second', async () => {
    const session = await talking([knows, 'Session-Expires: 1800'])
    await stage.leap(1_000_000)
    await inDialog(session, 'UPDATE', [knows, 'Session-Expires: 1800;refresher=uac'])
    await stage.leap(1_767_999)
    expect(named('BYE')).to.be.empty
    await stage.leap(1)
    expect(named('BYE')).to.have.length(1)
    expect(stage.clock.now()).to.equal(2_768_000)
    expect(await session.ended).to.include({ by: 'failed' })
    expect(said('sip.session-refreshed')).to.have.length(1)
    expect(said('sip.session-expired')).to.have.length(1)
  })

  it('are switched off by a refresh of a peer that does not know them any more', async () => {
    const session = await talking([knows, 'Session-Expires: 1800'])
    await inDialog(session, 'UPDATE')
    expect([status(), headerOf(latest(), 'Session-Expires')]).to.deep.equal(['200', undefined])
    await stage.leap(24 * 3_600_000)
    expect(named('BYE')).to.be.empty
  })

  it('are refused with 422 in the dialog, and run on as they were', async () => {
    const session = await talking([knows, 'Session-Expires: 1800'])
    for (const method of ['UPDATE', 'INVITE']) {
      await inDialog(session, method, [knows, 'Session-Expires: 60'])
      expect([status(), headerOf(latest(), 'Min-SE')]).to.deep.equal(['422', '90'])
    }
    await send({ method: 'ACK', toTag: session.localTag, cseq, branch: `z9hG4bK-INVITE-${cseq}` })
    await stage.leap(1_768_000)
    expect(named('BYE')).to.have.length(1)
  })

  it('are said in the 2xx to a re-INVITE that a service takes', async () => {
    const session = await talking([knows, 'Session-Expires: 1800'], {
      reinvite: () => Promise.resolve({ status: 200 }),
    })
    await inDialog(session, 'INVITE', [knows, 'Session-Expires: 600;refresher=uac', 'Min-SE: 300'])
    expect([status(), headerOf(latest(), 'Session-Expires'), headerOf(latest(), 'Require')]).to.deep.equal([
      '200',
      '600;refresher=uac',
      'timer',
    ])
    await send({ method: 'ACK', toTag: session.localTag, cseq, branch: 'z9hG4bK-ack-2' })
    await stage.leap(568_000)
    expect(named('BYE')).to.have.length(1)
  })

  it('say the largest Min-SE of the dialog in a refresh (§7.4)', async () => {
    await talking([knows, 'Session-Expires: 1800;refresher=uas', 'Min-SE: 300', 'Allow: UPDATE'])
    await stage.leap(900_000)
    expect(headerOf(named('UPDATE')[0] ?? '', 'Min-SE')).to.equal('300')
  })

  it('try a refresh again at most 2 s after a 491, for the Call-ID is the peer’s (RFC 3261 §14.1)', async () => {
    await talking([knows, 'Session-Expires: 1800;refresher=uas', 'Allow: UPDATE'])
    await stage.leap(900_000)
    peer.send(rawResponse(latest(), '491 Request Pending', 'raw1'))
    await stage.leap(2000)
    expect(new Set(named('UPDATE').map((text) => headerOf(text, 'CSeq')))).to.have.property('size', 2)
  })

  describe('UPDATE (RFC 3311)', () => {
    const offer = ['Content-Type: application/sdp']
    let handled: string[]
    let reply: () => Promise<Reply>
    const handlers: SessionHandlers = {
      reinvite: ({ method }) => {
        handled.push(method)
        return reply()
      },
      request: ({ method }) => {
        handled.push(method)
        return Promise.resolve({ status: 200 })
      },
    }

    beforeEach(() => {
      handled = []
      reply = () => Promise.resolve({ status: 200, body: { type: 'application/sdp', bytes: Buffer.from('v=0') } })
    })

    it('without a body is answered 200 by the engine, with our Contact, and moves the target', async () => {
      const session = await talking([], handlers)
      await inDialog(session, 'UPDATE', ['Contact: <sip:elsewhere@127.0.10.9:5070>'])
      expect(['Contact', 'Supported'].map((name) => headerOf(latest(), name))).to.deep.equal([
        '<sip:1001@127.0.20.1:5060>',
        'timer',
      ])
      expect([status(), handled]).to.deep.equal(['200', []])
      void session.request('INFO')
      await stage.settle()
      expect(latest()).to.match(/^INFO sip:elsewhere@127\.0\.10\.9:5070 /)
    })

    it('with a body goes where a re-INVITE goes, and needs no ACK', async () => {
      const session = await talking([], handlers)
      await inDialog(session, 'UPDATE', offer, 'v=0\r\n')
      expect([status(), handled]).to.deep.equal(['200', ['UPDATE']])
      expect(latest()).to.match(/v=0$/)
      const count = peer.received.length
      await stage.leap(40_000)
      expect(peer.received).to.have.length(count)
    })

    it('with a body that nobody takes is a 488', async () => {
      const session = await talking([])
      await inDialog(session, 'UPDATE', offer, 'v=0\r\n')
      expect(status()).to.equal('488')
    })

    it('with a body while another is being taken is a 500 with Retry-After (§5.2)', async () => {
      reply = () => new Promise(() => undefined)
      const session = await talking([], handlers)
      await inDialog(session, 'UPDATE', offer, 'v=0\r\n')
      await inDialog(session, 'UPDATE', offer, 'v=0\r\n')
      expect([status(), headerOf(latest(), 'Retry-After'), handled]).to.deep.equal(['500', '5', ['UPDATE']])
      await inDialog(session, 'BYE')
      expect(peer.received.slice(-2).map((text) => text.slice(8, 11))).to.have.members(['487', '200'])
    })

    it('before the call is answered is a 200, or with a body a 500 with Retry-After (§5.2)', async () => {
      await send({ method: 'INVITE' })
      bob.call().progress(180)
      await stage.settle()
      const toTag = /^To: .*tag=(\w+)/m.exec(latest())?.[1] ?? ''
      await send({ method: 'UPDATE', toTag, cseq: 2, headers: offer, body: 'v=0' })
      expect([status(), headerOf(latest(), 'Retry-After')]).to.deep.equal(['500', '5'])
      await send({ method: 'UPDATE', toTag, cseq: 3, headers: ['Contact: <sip:elsewhere@127.0.10.9:5070>'] })
      expect([status(), headerOf(latest(), 'Contact')]).to.deep.equal(['200', '<sip:1001@127.0.20.1:5060>'])
      const session = bob.call().accept({})
      await stage.settle()
      await send({ method: 'ACK', toTag, branch: 'z9hG4bK-ack' })
      void session.request('INFO')
      await stage.settle()
      expect(latest()).to.match(/^INFO sip:elsewhere@/)
    })
  })
})
