import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import { systemClock } from '../../src/kernel/clock.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { HttpClient, HttpHandler, HttpOrder, HttpRequest } from '../../src/kernel/http.ts'
import type { Listener } from '../../src/kernel/network.ts'
import type { TlsClient, TlsServer } from '../../src/kernel/tls.ts'
import type { NetEvent } from '../../src/net/events.ts'
import { httpClient } from '../../src/net/http-client.ts'
import type { HttpEvent } from '../../src/net/http-events.ts'
import { hostHttp, type HttpHost } from '../../src/net/http-host.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import { now, type Office, openOffice } from '../pki/certificates.ts'
import { anyPort, Papers, rejection } from './lab.ts'

const clock = { ...systemClock, wall: () => now }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const none = new Uint8Array()
const echo: HttpHandler = (request) =>
  Promise.resolve({
    status: 200,
    headers: { 'content-type': 'text/plain', 'www-authenticate': ['Bearer', 'Basic'] },
    body: request.body,
  })

async function refusalOf(promise: Promise<unknown>): Promise<PosternError> {
  const error = await rejection(promise)
  if (error instanceof PosternError) return error
  throw error
}

describe('HTTP', () => {
  let office: Office
  let papers: Papers
  let events: (NetEvent | HttpEvent)[]
  let open: Listener[]
  let client: HttpClient
  before(async () => {
    office = await openOffice()
    papers = new Papers(office)
  })
  beforeEach(() => {
    events = []
    open = []
    client = httpClient({
      clock,
      emit: (event) => events.push(event),
      resolver: hostsResolver({ 'sbc.example': '127.0.0.1', 'other.example': '127.0.0.1' }),
    })
  })
  afterEach(() => Promise.all(open.map((listener) => listener.close())))

  async function host(handler: HttpHandler, more: Partial<HttpHost> = {}): Promise<Listener> {
    const listener = await hostHttp({ at: anyPort, handler, clock, emit: (event) => events.push(event), ...more })
    open.push(listener)
    return listener
  }
  const types = (): string[] => events.map(({ type }) => type)
  const get = (url: string, more: Partial<HttpOrder> = {}): HttpOrder => ({
    method: 'GET',
    url,
    headers: {},
    body: none,
    ...more,
  })

  describe('plain', () => {
    it('carries method, path with query, headers and body there, and status, headers and body back', async () => {
      const seen: HttpRequest[] = []
      const { local } = await host((request) => {
        seen.push(request)
        return echo(request)
      })
      const reply = await client({
        method: 'POST',
        url: `http://127.0.0.1:${local.port}/EWS/Exchange.asmx?a=b%20c`,
        headers: { 'X-One': '1' },
        body: Buffer.from('<soap/>'),
      })
      expect(seen[0]).to.deep.include({
        method: 'POST',
        path: '/EWS/Exchange.asmx?a=b%20c',
        body: new Uint8Array(Buffer.from('<soap/>')),
      })
      expect(seen[0]!.headers).to.include({
        'x-one': '1',
        host: `127.0.0.1:${local.port}`,
        'content-length': '7',
      })
      expect(reply.status).to.equal(200)
      expect(reply.headers).to.deep.include({ 'content-type': 'text/plain', 'www-authenticate': ['Bearer', 'Basic'] })
      expect(text(reply.body)).to.equal('<soap/>')
    })

    it('tells each exchange on both sides, without the query', async () => {
      const { local } = await host(echo)
      await client(get(`http://sbc.example:${local.port}/x?token=secret`))
      expect(
        events.map((event) =>
          event.type === 'http.exchange' ? [event.side, event.method, event.path, event.status] : [],
        ),
      ).to.deep.equal([
        ['server', 'GET', '/x', 200],
        ['client', 'GET', '/x', 200],
      ])
    })

    it('answers 413 to a body over the limit, announced or not', async () => {
      const { local } = await host(echo, { bodyLimit: 10 })
      const url = `http://127.0.0.1:${local.port}/`
      expect((await client(get(url, { method: 'POST', body: Buffer.alloc(10) }))).status).to.equal(200)
      expect((await client(get(url, { method: 'POST', body: Buffer.alloc(11) }))).status).to.equal(413)
      const socket = connect(local.port, '127.0.0.1')
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n')
      const [head] = (await once(socket, 'data')) as [Buffer]
      expect(head.toString()).to.match(/^HTTP\/1\.1 413 /)
      socket.destroy()
    })

    it('answers 500 when the handler fails, or answers what cannot be written', async () => {
      const answers: HttpHandler[] = [
        () => Promise.reject(new Error('boom')),
        () => Promise.resolve({ status: 200, headers: { 'x-bad': 'a\r\nb: c' }, body: none }),
        () => Promise.resolve({ status: 7, headers: {}, body: none }),
      ]
      const { local } = await host((request) => answers.shift()!(request))
      for (let i = 0; i < 3; i++) expect((await client(get(`http://127.0.0.1:${local.port}/`))).status).to.equal(500)
      expect(
        events.filter(({ type }) => type === 'http.failed').map((event) => ('text' in event ? event.text : ''))[0],
      ).to.equal('boom')
      expect(types().filter((type) => type === 'http.failed')).to.have.length(3)
    })

    it('sends an iterable piece by piece, and ends the iterator when the client goes away', async () => {
      const returned = new Promise<void>((resolve) => {
        void host(() => {
          let count = 0
          const next = (): Promise<IteratorResult<string>> =>
            count++ === 0 ? Promise.resolve({ value: 'data: one\n\n', done: false }) : new Promise(() => undefined)
          const end = (): Promise<IteratorResult<string>> => {
            resolve()
            return Promise.resolve({ value: undefined, done: true })
          }
          const body = { [Symbol.asyncIterator]: () => ({ next, return: end }) }
          return Promise.resolve({ status: 200, headers: { 'content-type': 'text/event-stream' }, body })
        }).then(async ({ local }) => {
          const socket = connect(local.port, '127.0.0.1')
          socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
          let heard = ''
          socket.on('data', (piece: Buffer) => {
            heard += piece.toString()
            if (heard.includes('data: one')) socket.destroy()
          })
          await once(socket, 'close')
        })
      })
      await returned
    })

    it('sends an iterable to its end', async () => {
      async function* pieces(): AsyncGenerator<string> {
        yield 'a'
        yield await Promise.resolve('b')
      }
      const { local } = await host(() => Promise.resolve({ status: 200, headers: {}, body: pieces() }))
      expect(text((await client(get(`http://127.0.0.1:${local.port}/`))).body)).to.equal('ab')
    })

    it('answers what is not HTTP with 400, and says so', async () => {
      const { local } = await host(echo)
      const socket = connect(local.port, '127.0.0.1')
      socket.write('\x16\x03\x01 not http\r\n\r\n')
      const [head] = (await once(socket, 'data')) as [Buffer]
      expect(head.toString()).to.match(/^HTTP\/1\.1 400 /)
      expect(types()).to.deep.equal(['http.failed'])
      socket.destroy()
    })

    it('closes at once, with the connections that are open', async () => {
      const listener = await host(() => new Promise(() => undefined))
      const { local } = listener
      const pending = refusalOf(client(get(`http://127.0.0.1:${local.port}/`)))
      const socket = connect(local.port, '127.0.0.1')
      socket.on('error', () => undefined)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      await once(socket, 'connect')
      await Promise.all([listener.close(), closed])
      expect((await pending).code).to.equal('network-connect')
    })

    it('refuses a port in use, a host that does not resolve or listen, and what is no URL', async () => {
      const { local } = await host(echo)
      expect((await refusalOf(host(echo, { at: local }))).code).to.equal('network-listen')
      await open[0]!.close()
      const bad = [
        `http://127.0.0.1:${local.port}/`,
        'http://unknown.example/',
        'ftp://127.0.0.1/',
        'not a url',
        `http://127.0.0.1:${local.port}/\u0000`,
      ]
      for (const url of bad) expect((await refusalOf(client(get(url)))).code, url).to.equal('network-connect')
    })

    it('gives up when no answer comes in time', async () => {
      const { local } = await host(() => new Promise(() => undefined))
      const error = await refusalOf(client(get(`http://127.0.0.1:${local.port}/`, { timeoutMs: 20 })))
      expect(error.code).to.equal('network-connect')
    })
  })

  describe('over TLS', () => {
    const secure = (more: Partial<TlsServer> = {}): TlsServer =>
      papers.server({ names: 'rfc6125', clientCertificate: 'none', ...more })
    const trusting = (more: Partial<TlsClient> = {}): TlsClient => ({
      ...papers.anonymous(),
      names: 'rfc6125',
      ...more,
    })

    it('reaches a server whose certificate fits', async () => {
      const { local } = await host(echo, { tls: secure() })
      const reply = await client(
        get(`https://sbc.example:${local.port}/`, { method: 'POST', body: Buffer.from('hi'), tls: trusting() }),
      )
      expect(text(reply.body)).to.equal('hi')
      expect(types()).to.include.members(['tls.accepted', 'http.exchange'])
    })

    it('writes nothing of the request to a server whose name is wrong', async () => {
      const seen: HttpRequest[] = []
      const { local } = await host((request) => (seen.push(request), echo(request)), { tls: secure() })
      const error = await refusalOf(
        client(get(`https://other.example:${local.port}/`, { tls: trusting({ serverName: 'other.example' }) })),
      )
      expect(error).to.include({ code: 'tls-refused' })
      expect(error.detail).to.include({ reason: 'certificate-name' })
      expect(seen).to.deep.equal([])
      expect(types()).to.include('tls.refused')
    })

    it('asks for anchors before it talks to https', async () => {
      expect(await rejection(client(get('https://sbc.example/')))).to.include({ code: 'tls-refused' })
    })

    it('asks for a certificate where it must, and answers 403 where the name is not on the list', async () => {
      const { local } = await host(echo, {
        tls: secure({ clientCertificate: 'required', peerNames: ['voicemail.example'] }),
      })
      const url = `https://sbc.example:${local.port}/`
      const ours = papers.client({ names: 'rfc6125' })
      expect((await client(get(url, { tls: ours }))).status).to.equal(403)
      expect(
        (await client(get(url, { tls: { ...ours, identity: papers.good({ dns: ['voicemail.example'] }) } }))).status,
      ).to.equal(200)
      const expired = await rejection(client(get(url, { tls: { ...ours, identity: papers.flawed('expired') } })))
      expect(expired).to.include({ code: 'tls-refused-by-peer' })
    })
  })
})
