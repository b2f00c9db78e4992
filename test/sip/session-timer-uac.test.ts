import { expect } from 'chai'
import type { SipEvent } from '../../src/sip/events.ts'
import type { Session, SessionHandlers } from '../../src/sip/face.ts'
import { rawDatagrams, rawResponse, type RawPeer } from './raw-peer.ts'
import { headerOf, hop, Stage, toBob, type Station } from './stage.ts'

const bobHost = '127.0.20.1'
const ours = '127.0.10.1'
const body = { type: 'application/sdp', bytes: Buffer.from('v=0\r\n') }
const quarter = 900_000

describe('session timers of a call that a peer answers (RFC 4028 §7)', () => {
  let stage: Stage
  let alice: Station
  let peer: RawPeer

  beforeEach(async () => {
    stage = new Stage()
    alice = await stage.station('alice', ours, { sessionTimer: { expiresMs: 1_800_000, minMs: 90_000 } })
    peer = await rawDatagrams(stage.network, { host: bobHost, port: 5060 }, { host: ours, port: 5060 })
  })

  afterEach(async () => {
    await stage.close(alice)
    await peer.close()
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  const named = (method: string) => peer.received.filter((text) => text.startsWith(`${method} `))
  const latest = () => peer.received.at(-1) ?? ''
  const said = (type: SipEvent['type']) => alice.events.filter((event) => event.type === type)
  const sentAt = (method: string) => stage.ladder.filter((rung) => rung.endsWith(` ${method}`)).map(Number.parseFloat)

  /** Answers the request that came last. */
  async function answer(status: string, ...headers: readonly string[]): Promise<void> {
    peer.send(rawResponse(latest(), status, 'one', headers))
    await stage.settle()
  }

  async function answered(headers: readonly string[], session: SessionHandlers = {}): Promise<Session> {
    const call = alice.endpoint.invite(toBob(hop('udp', bobHost), { session }))
    await stage.settle()
    await answer('200 OK', ...headers)
    const outcome = await call.outcome
    if (outcome.type !== 'answered') throw new Error('refused')
    return outcome.session
  }

  const weRefresh = ['Require: timer', 'Session-Expires: 1800;refresher=uac']
  const peerRefreshes = ['Require: timer', 'Session-Expires: 1800;refresher=uas']
  const update = 'Allow: INVITE, ACK, BYE, UPDATE'

  it('do not run where the 2xx names no interval (§7.2)', async () => {
    await answered([update])
    await stage.leap(24 * 3_600_000)
    expect(named('UPDATE')).to.be.empty
    expect(named('BYE')).to.be.empty
  })

  it('hang up 32 s before the end on a peer that stops refreshing (§10)', async () => {
    const session = await answered(peerRefreshes)
    await stage.leap(1_767_999)
    expect(named('BYE')).to.be.empty
    await stage.leap(1)
    expect(sentAt('BYE')).to.deep.equal([1_768_000])
    expect(await session.ended).to.deep.equal({
      by: 'failed',
      text: 'the session timer of 1800 s ran out: the peer sent no refresh',
    })
    expect(said('sip.session-expired')).to.deep.equal([
      { type: 'sip.session-expired', callId: session.callId, refresher: 'remote', expiresMs: 1_800_000 },
    ])
    await answer('200 OK')
  })

  it('hang up a third before the end of a short interval', async () => {
    await answered(['Session-Expires: 90;refresher=uas'])
    await stage.leap(60_000)
    expect(sentAt('BYE')).to.deep.equal([60_000])
  })

  it('are switched off by a refresh whose 2xx names no interval (§7.2)', async () => {
    await answered([update, ...weRefresh])
    await stage.leap(quarter)
    await answer('200 OK')
    await stage.leap(24 * 3_600_000)
    expect([named('UPDATE').length, named('BYE').length]).to.deep.equal([1, 0])
    expect(said('sip.session-refreshed')).to.be.empty
  })

  it('go on with the interval and the refresher of the latest 2xx (§7.2)', async () => {
    await answered([update, ...weRefresh])
    await stage.leap(quarter)
    await answer('200 OK', 'Session-Expires: 600;refresher=uas')
    await stage.leap(567_999)
    expect([named('UPDATE').length, named('BYE').length]).to.deep.equal([1, 0])
    await stage.leap(1)
    expect(named('BYE')).to.have.length(1)
  })

  it('follow the Contact of a 2xx to UPDATE (RFC 3311 §5.2)', async () => {
    await answered([update, ...weRefresh])
    await stage.leap(quarter)
    await answer('200 OK', ...weRefresh, `Contact: <sip:moved@${bobHost}>`)
    await stage.leap(quarter)
    expect(named('UPDATE').map((text) => text.split(' ')[1])).to.deep.equal([
      `sip:${bobHost}:5060`,
      `sip:moved@${bobHost}`,
    ])
  })

  it('send one BYE though a refresh is lost while the service hangs up', async () => {
    const session = await answered([update, ...weRefresh])
    await stage.leap(quarter + 10_000)
    void session.bye()
    await stage.leap(32_000)
    expect(await session.ended).to.include({ by: 'failed' })
    expect(new Set(named('BYE').map((text) => headerOf(text, 'CSeq')))).to.have.property('size', 1)
  })

  describe('of a peer whose Allow names no UPDATE (§7.4)', () => {
    it('are refreshed by a re-INVITE with the description that the service last sent', async () => {
      const session = await answered(weRefresh, { description: () => body })
      await stage.leap(quarter)
      const [, reinvite = ''] = named('INVITE')
      expect(['CSeq', 'Session-Expires', 'Content-Type'].map((name) => headerOf(reinvite, name))).to.deep.equal([
        '2 INVITE',
        '1800;refresher=uac',
        'application/sdp',
      ])
      expect(reinvite).to.match(/\r\n\r\nv=0\r\n$/)
      await answer('200 OK', ...weRefresh)
      expect(headerOf(named('ACK').at(-1) ?? '', 'CSeq')).to.equal('2 ACK')
      expect(said('sip.session-refreshed')).to.deep.equal([
        {
          type: 'sip.session-refreshed',
          callId: session.callId,
          method: 'INVITE',
          by: 'local',
          expiresMs: 1_800_000,
        },
      ])
    })

    const unable: readonly (readonly [string, SessionHandlers])[] = [
      ['gives no description', {}],
      ['has none', { description: () => undefined }],
      [
        'fails',
        {
          description: () => {
            throw new Error('broken')
          },
        },
      ],
    ]
    for (const [what, handlers] of unable) {
      it(`are not refreshed where the service ${what}: one event, and the end in time`, async () => {
        const session = await answered(weRefresh, handlers)
        await stage.leap(1_768_000)
        expect(named('INVITE')).to.have.length(1)
        expect(said('sip.session-not-refreshed')).to.deep.equal([
          {
            type: 'sip.session-not-refreshed',
            callId: session.callId,
            text: 'the peer takes no UPDATE, and there is no description for a re-INVITE',
          },
        ])
        expect(sentAt('BYE')).to.deep.equal([1_768_000])
        expect(await session.ended).to.deep.equal({
          by: 'failed',
          text: 'the session timer of 1800 s ran out: no refresh of ours was answered with 2xx',
        })
      })
    }

    for (const status of ['405 Method Not Allowed', '501 Not Implemented']) {
      it(`are refreshed by a re-INVITE at once where UPDATE is answered ${status} all the same`, async () => {
        await answered([update, ...weRefresh], { description: () => body })
        await stage.leap(quarter)
        await answer(status)
        await stage.leap(1)
        expect(sentAt('INVITE')).to.deep.equal([0, quarter])
        await answer('200 OK', ...weRefresh)
        await stage.leap(quarter)
        expect([named('UPDATE').length, named('INVITE').length]).to.deep.equal([1, 3])
      })
    }
  })

  describe('when a refresh is refused', () => {
    beforeEach(async () => {
      await answered([update, ...weRefresh])
      await stage.leap(quarter)
    })

    it('with 491 try again 2.1 to 4 s later, for the Call-ID is ours (RFC 3261 §14.1)', async () => {
      const waits: number[] = []
      for (let i = 0; i < 9; i++) {
        await answer('491 Request Pending')
        const begun = stage.clock.now()
        while (named('UPDATE').length < i + 2) await stage.leap(10)
        waits.push(stage.clock.now() - begun)
      }
      for (const wait of waits) expect(wait).to.be.within(2100, 4000)
      expect(new Set(waits).size).to.be.above(5)
      await answer('491 Request Pending')
      expect(said('sip.session-not-refreshed')).to.have.length(1)
    })

    it('with 500 try again when Retry-After says (RFC 3261 §14.2, §20.33)', async () => {
      await answer('500 Server Internal Error', 'Retry-After: 7 (busy)')
      await stage.leap(7000)
      expect(sentAt('UPDATE')).to.deep.equal([quarter, quarter + 7000])
      await answer('200 OK', ...weRefresh)
      await stage.leap(quarter)
      expect(sentAt('UPDATE').at(-1)).to.equal(2 * quarter + 7000)
    })

    it('with 422 ask for more at once, and keep that (§7.3, §7.4)', async () => {
      await answer('422 Session Interval Too Small', 'Min-SE: 3600')
      const [, again = ''] = named('UPDATE')
      expect(['CSeq', 'Session-Expires', 'Min-SE'].map((name) => headerOf(again, name))).to.deep.equal([
        '3 UPDATE',
        '3600;refresher=uac',
        '3600',
      ])
      await answer('200 OK', 'Session-Expires: 3600;refresher=uac')
      await stage.leap(1_800_000)
      expect(headerOf(latest(), 'Min-SE')).to.equal('3600')
    })

    it('with anything else say so once, and end in time (§10)', async () => {
      await answer('403 Forbidden')
      await stage.leap(868_000)
      expect(said('sip.session-not-refreshed').map((event) => 'text' in event && event.text)).to.deep.equal([
        'UPDATE: 403 Forbidden',
      ])
      expect(named('UPDATE')).to.have.length(1)
      expect(sentAt('BYE')).to.deep.equal([1_768_000])
    })

    for (const status of ['481 Call/Transaction Does Not Exist', '408 Request Timeout']) {
      it(`with ${status} end at once, with BYE (§10)`, async () => {
        await answer(status)
        expect(sentAt('BYE')).to.deep.equal([quarter])
        expect(said('sip.session-expired')).to.be.empty
      })
    }

    it('with 422 over and over give up after five requests', async () => {
      for (let seconds = 2000; seconds < 2010; seconds++) await answer('422 Too Small', `Min-SE: ${seconds}`)
      expect(named('UPDATE')).to.have.length(5)
      expect(said('sip.session-not-refreshed')).to.have.length(1)
    })
  })

  it('may be said by an UPDATE before the answer, which is a 200, or with a body a 491 (RFC 3311 §5.2)', async () => {
    const call = alice.endpoint.invite(toBob(hop('udp', bobHost)))
    await stage.settle()
    const [invite = ''] = named('INVITE')
    peer.send(rawResponse(invite, '180 Ringing', 'early'))
    await stage.settle()
    const ask = async (method: string, tag: string, cseq: number, said = '') => {
      const lines = [
        `${method} sip:alice@${ours} SIP/2.0`,
        `Via: SIP/2.0/UDP ${bobHost}:5060;branch=z9hG4bK-early-${cseq}`,
        `From: ${headerOf(invite, 'To') ?? ''};tag=${tag}`,
        `To: ${headerOf(invite, 'From') ?? ''}`,
        `Call-ID: ${call.callId}`,
        `CSeq: ${cseq} ${method}`,
        `Content-Length: ${said.length}`,
      ]
      peer.send(`${lines.join('\r\n')}\r\n\r\n${said}`)
      await stage.settle()
      return latest().slice(8, 11)
    }
    expect(await ask('UPDATE', 'early', 1)).to.equal('200')
    expect(headerOf(latest(), 'Contact')).to.equal('<sip:alice@127.0.10.1:5060>')
    expect(await ask('UPDATE', 'early', 2, 'v=0')).to.equal('491')
    expect(await ask('INFO', 'early', 3)).to.equal('481')
    expect(await ask('UPDATE', 'other', 4)).to.equal('481')
    peer.send(rawResponse(invite, '486 Busy Here', 'early'))
    await stage.settle()
    expect(await ask('UPDATE', 'early', 5)).to.equal('481')
  })

  describe('when the call is refused with 422 (§7.3)', () => {
    const calling = async () => {
      const call = alice.endpoint.invite(toBob(hop('udp', bobHost)))
      await stage.settle()
      return call
    }
    const tooSmall = async (minSe: number) => {
      peer.send(rawResponse(named('INVITE').at(-1) ?? '', '422 Session Interval Too Small', 'no', [`Min-SE: ${minSe}`]))
      await stage.settle()
    }

    it('give up after five INVITEs, each acknowledged', async () => {
      const call = await calling()
      for (let minSe = 2000; minSe < 2010; minSe++) await tooSmall(minSe)
      expect((await call.outcome).response.status).to.equal(422)
      expect(named('INVITE').map((text) => headerOf(text, 'CSeq'))).to.deep.equal(
        [1, 2, 3, 4, 5].map((number) => `${number} INVITE`),
      )
      expect(new Set(named('ACK').map((text) => headerOf(text, 'CSeq'))).size).to.equal(5)
    })

    it('do not ask again where the 422 wants no more than was asked', async () => {
      const call = await calling()
      await tooSmall(1800)
      expect((await call.outcome).response.status).to.equal(422)
      expect(named('INVITE')).to.have.length(1)
    })

    it('do not ask again for a call that was given up meanwhile', async () => {
      const call = await calling()
      call.cancel()
      await tooSmall(3600)
      expect((await call.outcome).type).to.equal('refused')
      expect(named('INVITE')).to.have.length(1)
    })

    it('are cancelled by the second INVITE as by the first', async () => {
      const call = await calling()
      await tooSmall(3600)
      peer.send(rawResponse(named('INVITE').at(-1) ?? '', '180 Ringing', 'one'))
      await stage.settle()
      call.cancel()
      await stage.settle()
      expect(named('CANCEL').map((text) => headerOf(text, 'CSeq'))).to.deep.equal(['2 CANCEL'])
    })
  })
})
