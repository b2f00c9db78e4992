import { expect } from 'chai'
import type { Session } from '../../src/sip/face.ts'
import { rawDatagrams, rawRequest, rawStream, type RawPeer } from './raw-peer.ts'
import { headerOf, Stage, texts, type Station } from './stage.ts'

const at = { host: '127.0.20.1', port: 5060 }

describe('an endpoint and a peer that is no engine', () => {
  let stage: Stage
  let bob: Station
  let peer: RawPeer
  const asked: string[] = []

  beforeEach(async () => {
    stage = new Stage()
    asked.length = 0
    bob = await stage.station('bob', at.host, {
      request: ({ method }) => {
        asked.push(method)
        return method === 'PUBLISH' ? Promise.reject(new Error('broken')) : Promise.resolve({ status: 202 })
      },
    })
    peer = await rawDatagrams(stage.network, { host: '127.0.10.9', port: 5070 }, at)
  })

  afterEach(async () => {
    await stage.close(bob)
    await peer.close()
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  async function send(text: string): Promise<string> {
    peer.send(text)
    await stage.settle()
    return (peer.received.at(-1) ?? '').split('\r\n')[0] ?? ''
  }

  async function accepted(): Promise<{ session: Session; toTag: string }> {
    await send(rawRequest({ method: 'INVITE' }))
    const session = bob.call().accept({})
    await stage.settle()
    return { session, toTag: session.localTag }
  }

  it('finds the dialog by Call-ID and tags, whatever the Request-URI, and falls back to the source for Contact', async () => {
    const { session, toTag } = await accepted()
    await send(rawRequest({ method: 'ACK', toTag, branch: 'z9hG4bK-ack' }))
    const count = texts(bob, 'out', '200').length
    await stage.pass(5000)
    expect(texts(bob, 'out', '200')).to.have.length(count)
    void session.bye()
    await stage.settle()
    expect(peer.received.at(-1)).to.match(/^BYE sip:127\.0\.10\.9:5070 SIP\/2\.0\r\n/)
  })

  it('takes the ACK to a 2xx also with the branch of the INVITE', async () => {
    const { toTag } = await accepted()
    await send(rawRequest({ method: 'ACK', toTag, branch: 'z9hG4bK-INVITE-1' }))
    await stage.pass(1000)
    expect(texts(bob, 'out', '200')).to.have.length(1)
  })

  it('answers BYE of the dialog and 481 to one of none', async () => {
    const { session, toTag } = await accepted()
    await send(rawRequest({ method: 'ACK', toTag, branch: 'z9hG4bK-ack' }))
    expect(await send(rawRequest({ method: 'BYE', cseq: 2, toTag: 'other' }))).to.equal(
      'SIP/2.0 481 Call/Transaction Does Not Exist',
    )
    expect(await send(rawRequest({ method: 'BYE', cseq: 3, toTag }))).to.equal('SIP/2.0 200 OK')
    expect(await session.ended).to.deep.equal({ by: 'remote' })
    expect(await send(rawRequest({ method: 'BYE', cseq: 4, toTag }))).to.match(/ 481 /)
  })

  it('ends a call that its caller leaves with BYE before the answer', async () => {
    await send(rawRequest({ method: 'INVITE' }))
    const state = { cancelled: 0 }
    bob.call().onCancel(() => state.cancelled++)
    bob.call().progress(180)
    await stage.settle()
    const toTag = /^To: .*tag=(\w+)/m.exec(peer.received.at(-1) ?? '')?.[1] ?? ''
    await send(rawRequest({ method: 'BYE', cseq: 2, toTag }))
    expect(peer.received.map((text) => text.slice(8, 11))).to.deep.equal(['100', '180', '200', '487'])
    expect(state.cancelled).to.equal(1)
  })

  it('keeps the tag of To, Record-Route and its own Contact in 180 and 200', async () => {
    await send(rawRequest({ method: 'INVITE', headers: ['Record-Route: <sip:proxy;lr>'] }))
    bob.call().progress(180)
    bob.call().accept({})
    await stage.settle()
    const [trying = '', ringing = '', ok = ''] = peer.received
    expect(headerOf(trying, 'To')).to.equal('<sip:1001@bob.example.com>')
    expect(headerOf(ringing, 'To'))
      .to.equal(headerOf(ok, 'To'))
      .and.to.match(/;tag=\w+$/)
    expect(headerOf(ok, 'Record-Route')).to.equal('<sip:proxy;lr>')
    expect(headerOf(ok, 'Contact')).to.equal('<sip:1001@127.0.20.1:5060>')
  })

  it('hands other requests to the service; one that fails is a 500', async () => {
    expect(await send(rawRequest({ method: 'OPTIONS' }))).to.equal('SIP/2.0 202 Accepted')
    expect(await send(rawRequest({ method: 'PUBLISH' }))).to.equal('SIP/2.0 500 Server Internal Error')
    expect(asked).to.deep.equal(['OPTIONS', 'PUBLISH'])
  })

  it('answers a repeated request with the same response, and asks the service once', async () => {
    await send(rawRequest({ method: 'OPTIONS' }))
    await send(rawRequest({ method: 'OPTIONS' }))
    expect(peer.received).to.have.length(2)
    expect(peer.received[0]).to.equal(peer.received[1])
    expect(asked).to.have.length(1)
  })

  it('refuses an extension that it does not know with 420 (RFC 3261 §8.2.2.3)', async () => {
    await send(rawRequest({ method: 'INVITE', headers: ['Require: 100rel, timer'] }))
    expect(headerOf(peer.received.at(-1) ?? '', 'Unsupported')).to.equal('100rel')
    expect(bob.calls).to.be.empty
  })

  it('refuses a call without a hop left with 483, but not OPTIONS', async () => {
    const headers = ['Max-Forwards: 0']
    expect(await send(rawRequest({ method: 'INVITE', headers }))).to.equal('SIP/2.0 483 Too Many Hops')
    expect(await send(rawRequest({ method: 'OPTIONS', headers }))).to.equal('SIP/2.0 202 Accepted')
  })

  it('refuses a request that came by two ways with 482 (RFC 3261 §8.2.2.2)', async () => {
    await send(rawRequest({ method: 'INVITE', branch: 'z9hG4bK-one' }))
    expect(await send(rawRequest({ method: 'INVITE', branch: 'z9hG4bK-two' }))).to.equal('SIP/2.0 482 Loop Detected')
    expect(bob.calls).to.have.length(1)
  })

  it('cancels for a peer of RFC 2543, whose branch says nothing', async () => {
    await send(rawRequest({ method: 'INVITE', branch: '1' }))
    await send(rawRequest({ method: 'CANCEL', branch: '1' }))
    expect(peer.received.map((text) => text.slice(8, 11))).to.deep.equal(['100', '200', '487'])
  })

  it('is told 400 with the fault named, as one event', async () => {
    const status = await send(rawRequest({ method: 'OPTIONS' }).replace('CSeq: 1 OPTIONS', 'CSeq: one OPTIONS'))
    expect(status).to.match(/^SIP\/2\.0 400 .*CSeq/)
    expect(bob.events.filter(({ type }) => type === 'sip.malformed')).to.have.length(1)
    expect(asked).to.be.empty
  })

  it('hears nothing when it sends noise, stray responses or keep-alives', async () => {
    for (const text of ['', '\r\n\r\n', '\0', 'noise', 'SIP/2.0 200 OK\r\n\r\n', rawRequest({ method: 'ACK' })]) {
      await send(text)
    }
    expect(peer.received).to.be.empty
    expect(bob.events.filter(({ type }) => type === 'sip.malformed')).to.have.length(2)
  })

  it('sends responses to the port of Via, or to the source with rport (RFC 3581 §4)', async () => {
    const other = await rawDatagrams(stage.network, { host: '127.0.10.9', port: 6000 }, at)
    other.send(rawRequest({ method: 'OPTIONS', branch: 'z9hG4bK-plain' }))
    other.send(rawRequest({ method: 'INFO', via: 'SIP/2.0/UDP pc.example.com:5070;rport;branch=z9hG4bK-rport' }))
    await stage.settle()
    expect(headerOf(peer.received[0] ?? '', 'CSeq')).to.equal('1 OPTIONS')
    expect(headerOf(other.received[0] ?? '', 'Via')).to.equal(
      'SIP/2.0/UDP pc.example.com:5070;rport=6000;branch=z9hG4bK-rport;received=127.0.10.9',
    )
    await other.close()
  })

  it('answers a stream on itself, pongs its pings, and closes it when framing is lost', async () => {
    const stream = await rawStream(stage.network, at)
    stream.send(rawRequest({ method: 'OPTIONS', via: 'SIP/2.0/TCP 10.1.1.1;branch=z9hG4bK-tcp' }))
    stream.send('\r\n\r\n')
    await stage.settle()
    expect(stream.received[1]).to.contain('received=127.0.0.1').and.to.not.contain('rport')
    expect(stream.received.map((text) => text.slice(0, 11))).to.deep.equal(['\r\n', 'SIP/2.0 202'])
    stream.send(rawRequest({ method: 'OPTIONS', branch: 'z9hG4bK-bad' }).replace('Content-Length: 0', 'X: y'))
    await stage.settle()
    expect(stream.received.at(-1)).to.match(/^SIP\/2\.0 400 .*Content-Length/)
    expect(stream.state.open).to.equal(false)
  })

  it('is answered 503 while the endpoint closes', async () => {
    const { toTag } = await accepted()
    await send(rawRequest({ method: 'ACK', toTag, branch: 'z9hG4bK-ack' }))
    const closed = bob.endpoint.close()
    await stage.settle()
    expect(await send(rawRequest({ method: 'OPTIONS' }))).to.equal('SIP/2.0 503 Service Unavailable')
    await stage.pass(10_000)
    await closed
  })
})
