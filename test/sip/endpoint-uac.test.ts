import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { rawDatagrams, rawResponse, type RawPeer } from './raw-peer.ts'
import { headerOf, hop, listener, Stage, texts, toBob, type Station } from './stage.ts'

const bobHost = '127.0.20.1'

describe('what an endpoint sends', () => {
  let stage: Stage
  let alice: Station

  beforeEach(() => {
    stage = new Stage()
  })

  afterEach(async () => {
    await stage.close(alice)
    expect(stage.clock.waiting.size, 'waiting timers').to.equal(0)
  })

  const options = (to = hop('udp', bobHost)) =>
    alice.endpoint.request({
      method: 'OPTIONS',
      uri: `sip:${to.host}`,
      hop: to,
      from: '<sip:alice@x>',
      to: `<sip:${to.host}>`,
    })

  describe('with two faces', () => {
    const faces = [
      ['udp', 'SIP/2.0/UDP', 5060, ''],
      ['tcp', 'SIP/2.0/TCP', 5060, ';transport=tcp'],
      ['tls', 'SIP/2.0/TLS', 5061, ';transport=tls'],
    ] as const

    for (const [transport, protocol, port, parameter] of faces) {
      it(`advertises its outer host in Via and Contact, and sends from the bound one over ${transport}`, async () => {
        alice = await stage.station('alice', '', {
          listeners: [listener(transport, '127.0.10.1', { host: 'sbc.lab' })],
        })
        const bob = await stage.station('bob', '', {
          listeners: [listener(transport, bobHost, { host: 'vm', port: 7 })],
        })
        const call = alice.endpoint.invite(toBob(hop(transport, bobHost)))
        await stage.settle()
        bob.call().accept({})
        const { response } = await call.outcome
        const [invite = ''] = texts(alice, 'out', 'INVITE')
        const via = new RegExp(`^${protocol} sbc\\.lab:${port};branch=z9hG4bK[0-9a-f]{16};rport$`)
        expect(headerOf(invite, 'Via')).to.match(via)
        expect(headerOf(invite, 'Contact')).to.equal(`<sip:alice@sbc.lab:${port}${parameter}>`)
        expect(response.headers.get('Contact')).to.equal(`<sip:bob@vm:7${parameter}>`)
        expect(bob.call().source.remote.host).to.equal('127.0.10.1')
        expect(alice.endpoint.listening).to.deep.equal([
          { transport, bound: { host: '127.0.10.1', port }, advertised: { host: 'sbc.lab', port } },
        ])
        stage.names.set('sbc.lab', '127.0.10.1').set('vm', bobHost)
        await stage.close(bob)
      })
    }

    it('writes the address of the connection when it listens on no such transport', async () => {
      alice = await stage.station('alice', '', { listeners: [] })
      const bob = await stage.station('bob', '', { listeners: [listener('tls', bobHost)] })
      void alice.endpoint.invite(toBob(hop('tls', bobHost)))
      await stage.settle()
      const { host, port } = bob.call().source.remote
      expect(headerOf(texts(alice, 'out', 'INVITE')[0] ?? '', 'Contact')).to.equal(
        `<sip:alice@${host}:${port};transport=tls>`,
      )
      await stage.close(bob)
    })
  })

  it('resolves the name of a hop, and asks TLS to prove it', async () => {
    stage.names.set('voicemail.lab', bobHost)
    alice = await stage.station('alice', '127.0.10.1')
    const bob = await stage.station('bob', '', { listeners: [listener('tls', bobHost)] })
    const names: (string | undefined)[] = []
    stage.network.refuse = ({ tls }) => void names.push(tls?.serverName)
    expect((await options(hop('tls', 'voicemail.lab'))).status).to.equal(200)
    expect(names).to.deep.equal(['voicemail.lab'])
    await stage.close(bob)
  })

  it('makes a 503 of a name that nobody knows, of a refused connection, and of a refused certificate', async () => {
    alice = await stage.station('alice', '127.0.10.1')
    const codeOf = async (host: string) => {
      const outcome = await alice.endpoint.invite(toBob(hop('tls', host))).outcome
      if (outcome.type !== 'refused') throw new Error('answered')
      expect(outcome.local).to.equal(true)
      expect(outcome.response.status).to.equal(503)
      return outcome.error instanceof PosternError ? outcome.error.code : outcome.error
    }
    expect(await codeOf('nowhere.lab')).to.equal('network-connect')
    expect(await codeOf(bobHost)).to.equal('network-connect')
    for (const code of ['tls-refused', 'tls-refused-by-peer'] as const) {
      stage.network.refuse = () => new PosternError(code, 'certificate-expired')
      expect(await codeOf(bobHost)).to.equal(code)
    }
    expect(alice.events.filter(({ type }) => type === 'sip.transport-error')).to.have.length(4)
  })

  it('tells why in the Warning of a 503 to another request, and 408 when nobody answers', async () => {
    alice = await stage.station('alice', '127.0.10.1')
    const refused = await options(hop('tcp', bobHost))
    expect(refused.status).to.equal(503)
    expect(refused.headers.get('Warning')).to.contain('network-connect')
    const silent = options()
    await stage.pass(32_000)
    expect((await silent).status).to.equal(408)
  })

  it('tries a hop again after its connection failed', async () => {
    alice = await stage.station('alice', '127.0.10.1')
    expect((await options(hop('tcp', bobHost))).status).to.equal(503)
    const bob = await stage.station('bob', bobHost)
    expect((await options(hop('tcp', bobHost))).status).to.equal(200)
    await stage.close(bob)
  })

  it('is a 503 at once to whoever waits on a connection that dies', async () => {
    alice = await stage.station('alice', '127.0.10.1')
    const bob = await stage.station('bob', bobHost, { request: () => new Promise(() => undefined) })
    const waiting = [options(hop('tcp', bobHost)), options(hop('tcp', bobHost))]
    await stage.settle()
    stage.network.cut()
    expect((await Promise.all(waiting)).map(({ status }) => status)).to.deep.equal([503, 503])
    await stage.close(bob)
  })

  it('answers the request that waits when it is closed', async () => {
    alice = await stage.station('alice', '127.0.10.1')
    const waiting = options()
    await stage.settle()
    await stage.close(alice)
    expect((await waiting).status).to.equal(503)
    expect((await options()).status).to.equal(503)
  })

  describe('to a peer that is no engine', () => {
    let peer: RawPeer

    beforeEach(async () => {
      alice = await stage.station('alice', '127.0.10.1')
      peer = await rawDatagrams(stage.network, { host: bobHost, port: 5060 }, { host: '127.0.10.1', port: 5060 })
    })

    afterEach(() => peer.close())

    const named = (method: string) => peer.received.filter((text) => text.startsWith(method))

    async function answered(headers: readonly string[], tags: readonly string[] = ['one']) {
      const call = alice.endpoint.invite(toBob(hop('udp', bobHost)))
      await stage.settle()
      for (const tag of tags) peer.send(rawResponse(named('INVITE')[0] ?? '', '200 OK', tag, headers))
      await stage.settle()
      const outcome = await call.outcome
      if (outcome.type !== 'answered') throw new Error('refused')
      return outcome.session
    }

    it('keeps the first of forked answers, and ends the others', async () => {
      const session = await answered([`Contact: <sip:bob@${bobHost}>`], ['one', 'two', 'one'])
      expect(session.remoteTag).to.equal('one')
      expect(named('ACK').map((text) => headerOf(text, 'To')?.slice(-3))).to.deep.equal(['one', 'two', 'one'])
      expect(named('BYE').map((text) => headerOf(text, 'To')?.slice(-3))).to.deep.equal(['two'])
    })

    it('follows Record-Route backwards to the Contact (RFC 3261 §12.1.2)', async () => {
      const routes = ['Record-Route: <sip:far.lab;lr>', `Record-Route: <sip:${bobHost};lr>`]
      await answered([...routes, 'Contact: <sip:bob@10.9.9.9:5099>'])
      const [ack = ''] = named('ACK')
      expect(ack).to.match(/^ACK sip:bob@10\.9\.9\.9:5099 /)
      expect(ack.match(/^Route: .*$/gm)).to.deep.equal([`Route: <sip:${bobHost};lr>`, 'Route: <sip:far.lab;lr>'])
    })

    it('falls back to the source when the answer has no Contact', async () => {
      await answered([])
      expect(named('ACK')[0]).to.match(/^ACK sip:127\.0\.20\.1:5060 /)
    })

    it('acknowledges a refusal inside the transaction, with its branch', async () => {
      const call = alice.endpoint.invite(toBob(hop('udp', bobHost)))
      await stage.settle()
      const [invite = ''] = named('INVITE')
      peer.send(rawResponse(invite, '486 Busy Here', 'x'))
      peer.send(rawResponse(invite, '486 Busy Here', 'x'))
      await stage.settle()
      expect((await call.outcome).response.status).to.equal(486)
      expect(named('ACK')).to.have.length(2)
      expect(headerOf(named('ACK')[0] ?? '', 'Via')).to.equal(headerOf(invite, 'Via'))
    })

    it('ends a session whose peer does not know it any more', async () => {
      const session = await answered([])
      const info = session.request('INFO')
      await stage.settle()
      peer.send(rawResponse(named('INFO')[0] ?? '', '481 Gone', 'one').replace(';tag=one;tag=one', ';tag=one'))
      expect((await info).status).to.equal(481)
      expect(await session.ended).to.include({ by: 'failed' })
    })
  })
})
