import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { expect } from 'chai'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Listener } from '../../src/kernel/network.ts'
import type { Envelope, SmtpHandler, SmtpOutcome, SmtpReply } from '../../src/kernel/smtp.ts'
import type { TlsClient } from '../../src/kernel/tls.ts'
import type { NetEvent } from '../../src/net/events.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import type { SmtpEvent } from '../../src/net/smtp-events.ts'
import { hostSmtp, type SmtpHost } from '../../src/net/smtp-host.ts'
import { smtpSender, type SmtpSenderOptions } from '../../src/net/smtp-sender.ts'
import { now, openOffice } from '../pki/certificates.ts'
import { anyPort, Papers, rejection } from './lab.ts'

const clock = { ...systemClock, wall: () => now }
const ok = (text: string): SmtpReply => ({ code: 250, enhanced: '2.0.0', text })
const envelope: Envelope = { from: 'um@contoso.example', to: ['ann@contoso.example'] }
const message = Buffer.from('Subject: x\r\n\r\n.dots\r\n..\r\nlast\r\n')

/** Writes lines as they are, one after each reply, and answers what came back. */
async function talk(port: number, lines: readonly string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  const replies: string[] = []
  let text = ''
  const waiting = [...lines]
  socket.on('data', (piece: string) => {
    text += piece
    const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n$/
    if (!whole.test(text)) return
    replies.push(text.trim())
    text = ''
    const next = waiting.shift()
    if (next === undefined) socket.destroy()
    else socket.write(`${next}\r\n`)
  })
  await once(socket, 'close')
  return replies
}

describe('SMTP', () => {
  let papers: Papers
  let events: (NetEvent | SmtpEvent)[]
  let received: { envelope: Envelope; text: string }[]
  let open: { close(): Promise<void> }[]
  before(async () => {
    papers = new Papers(await openOffice())
  })
  beforeEach(() => {
    events = []
    received = []
    open = []
  })
  afterEach(() => Promise.all(open.map((listener) => listener.close())))

  const emit = (event: NetEvent | SmtpEvent): void => void events.push(event)
  const accepting: SmtpHandler = {
    sender: () => Promise.resolve(ok('sender ok')),
    recipient: () => Promise.resolve(ok('recipient ok')),
    message: (given, bytes) => {
      received.push({ envelope: given, text: Buffer.from(bytes).toString() })
      return Promise.resolve(ok('queued as 1'))
    },
  }

  async function host(more: Partial<SmtpHost> = {}): Promise<Listener> {
    const order: SmtpHost = {
      at: anyPort,
      handler: accepting,
      host: 'sbc.example',
      requireTls: false,
      sizeLimit: 10_000,
      emit,
    }
    const listener = await hostSmtp({ ...order, ...more })
    open.push(listener)
    return listener
  }
  const secured = (): Partial<SmtpHost> => ({ tls: { identity: papers.good() }, requireTls: true })
  const trusting = (more: Partial<TlsClient> = {}): TlsClient => ({ ...papers.anonymous(), names: 'rfc6125', ...more })
  const send = (port: number, more: Partial<SmtpSenderOptions> = {}, given = envelope): Promise<SmtpOutcome> => {
    const resolver = hostsResolver({ 'sbc.example': '127.0.0.1' })
    return smtpSender({
      to: { host: 'sbc.example', port },
      ehlo: 'um.contoso.example',
      clock,
      emit,
      resolver,
      ...more,
    })(given, message)
  }

  /** A server that says these lines: the first on connecting, then one a line it hears. */
  async function scripted(...lines: string[]): Promise<number> {
    const server: Server = createServer((socket) => {
      const left = [...lines]
      const say = (): void => {
        const line = left.shift()
        if (line === undefined) socket.destroy()
        else socket.write(`${line}\r\n`)
      }
      socket.on('error', () => undefined)
      socket.on('data', (piece: Buffer) => {
        for (const heard of piece.toString().split('\r\n').slice(0, -1)) if (heard !== '') say()
      })
      say()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) })
    return (server.address() as AddressInfo).port
  }

  it('carries envelope and message, byte for byte, dots included (RFC 5321 §4.5.2)', async () => {
    const { local } = await host()
    expect(await send(local.port)).to.deep.equal({ outcome: 'accepted', reply: ok('queued as 1') })
    expect(received).to.deep.equal([{ envelope, text: message.toString() }])
  })

  it('sends notifications from the null reverse-path (RFC 5321 §4.5.5)', async () => {
    const { local } = await host()
    await send(local.port, {}, { from: '', to: ['postmaster@contoso.example'] })
    expect(received[0]?.envelope).to.deep.equal({ from: '', to: ['postmaster@contoso.example'] })
  })

  it('offers no AUTH, and STARTTLS only with an identity', async () => {
    const plain = await host()
    const [greeting, ehlo, auth] = await talk(plain.local.port, ['EHLO x', 'AUTH PLAIN AGEAYg=='])
    expect(greeting).to.match(/^220 sbc\.example ESMTP Postern$/)
    expect(ehlo)
      .to.include('SIZE 10000')
      .and.not.match(/AUTH|STARTTLS/)
    expect(auth).to.match(/^5\d\d /)
    const offering = await host(secured())
    expect((await talk(offering.local.port, ['EHLO x']))[1])
      .to.include('STARTTLS')
      .and.not.include('AUTH')
  })

  describe('STARTTLS', () => {
    it('delivers to a server whose certificate fits', async () => {
      const { local } = await host(secured())
      expect(await send(local.port, { tls: trusting() })).to.include({ outcome: 'accepted' })
      expect(received).to.have.length(1)
      expect(
        events
          .filter((event) => event.type === 'smtp.session' && event.side === 'client')
          .map((event) => ('state' in event ? event.state : '')),
      ).to.deep.equal(['opened', 'secured', 'closed'])
    })

    it('is over before MAIL where the name is wrong, expired or of an unknown authority', async () => {
      const senders: string[] = []
      const handler = { ...accepting, sender: (from: string) => Promise.resolve((senders.push(from), ok(''))) }
      const wrongName = await host({ ...secured(), handler })
      const expired = await host({ ...secured(), handler, tls: { identity: papers.flawed('expired') } })
      const outcomes = [
        await send(wrongName.local.port, { tls: trusting({ serverName: 'mail.contoso.example' }) }),
        await send(expired.local.port, { tls: trusting() }),
        await send(wrongName.local.port, { tls: trusting({ anchors: [] }) }),
      ]
      expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(['unreachable', 'unreachable', 'unreachable'])
      expect('text' in outcomes[0]! && outcomes[0].text).to.include('mail.contoso.example')
      expect(events.flatMap((event) => (event.type === 'tls.refused' ? [event.reason] : []))).to.deep.equal([
        'certificate-name',
        'certificate-expired',
        'unknown-authority',
      ])
      expect(senders).to.deep.equal([])
    })

    it('is not gone without by a client that requires it (RFC 3207 §4)', async () => {
      const { local } = await host()
      const outcome = await send(local.port, { tls: trusting() })
      expect(outcome.outcome).to.be.oneOf(['deferred', 'unreachable'])
      expect(received).to.deep.equal([])
    })

    it('is required before MAIL: 530 5.7.0 (RFC 3207 §4)', async () => {
      const { local } = await host(secured())
      expect((await talk(local.port, ['EHLO x', 'MAIL FROM:<a@b.example>']))[2]).to.equal(
        '530 5.7.0 Must issue a STARTTLS command first',
      )
      expect(await send(local.port)).to.deep.equal({
        outcome: 'refused',
        reply: { code: 530, enhanced: '5.7.0', text: 'Must issue a STARTTLS command first' },
      })
    })
  })

  describe('replies', () => {
    const busy: SmtpReply = { code: 451, enhanced: '4.3.0', text: 'try later' }
    const unknown: SmtpReply = { code: 550, enhanced: '5.1.1', text: 'unknown mailbox' }
    const steps: Record<string, (reply: SmtpReply) => Partial<SmtpHandler>> = {
      MAIL: (reply) => ({ sender: () => Promise.resolve(reply) }),
      RCPT: (reply) => ({ recipient: () => Promise.resolve(reply) }),
      DATA: (reply) => ({ message: () => Promise.resolve(reply) }),
    }
    for (const [step, handler] of Object.entries(steps)) {
      it(`of 4xx to ${step} defers, of 5xx refuses, with the enhanced code`, async () => {
        const later = await host({ handler: { ...accepting, ...handler(busy) } })
        expect(await send(later.local.port)).to.deep.equal({ outcome: 'deferred', reply: busy })
        const never = await host({ handler: { ...accepting, ...handler(unknown) } })
        expect(await send(never.local.port)).to.deep.equal({ outcome: 'refused', reply: unknown })
      })
    }

    it('count against the whole message when one of two recipients is refused', async () => {
      const recipient = (to: string): Promise<SmtpReply> => Promise.resolve(to.startsWith('bob') ? unknown : ok(''))
      const { local } = await host({ handler: { ...accepting, recipient } })
      const outcome = await send(local.port, {}, { ...envelope, to: ['ann@contoso.example', 'bob@contoso.example'] })
      expect(outcome).to.deep.equal({ outcome: 'refused', reply: unknown })
    })

    it('of a handler that fails are 451, and said', async () => {
      const { local } = await host({ handler: { ...accepting, message: () => Promise.reject(new Error('disk full')) } })
      expect(await send(local.port)).to.deep.include({ outcome: 'deferred' })
      expect(events.flatMap((event) => (event.type === 'smtp.failed' ? [event.text] : []))).to.deep.equal(['disk full'])
    })

    it('to a message over the limit are 552, and it never reaches the handler', async () => {
      const { local } = await host({ sizeLimit: 10 })
      expect(await send(local.port)).to.deep.include({ outcome: 'refused' })
      expect(received).to.deep.equal([])
    })

    it('of several lines are read as one (RFC 5321 §4.2.1)', async () => {
      const port = await scripted('220 hi', '250 hi', '250 ok', '550-5.7.1 no\r\n550 5.7.1 really no')
      expect(await send(port)).to.deep.equal({
        outcome: 'refused',
        reply: { code: 550, enhanced: '5.7.1', text: 'no really no' },
      })
    })

    it('of 5xx before the transaction only defer: the server is not fit to talk to now', async () => {
      expect(await send(await scripted('554 5.3.2 no service here'))).to.deep.equal({
        outcome: 'deferred',
        reply: { code: 554, enhanced: '5.3.2', text: 'no service here' },
      })
    })
  })

  describe('unreachable', () => {
    it('is a server that is not there, not known, silent, or gone in the middle', async () => {
      const { local, ...closing } = await host()
      await closing.close()
      const outcomes = [
        await send(local.port),
        await send(local.port, { to: { host: 'nowhere.example', port: 25 } }),
        await send(await scripted('220-still'), { timeouts: { connectMs: 30 } }),
        await send(await scripted('220 hi', '250 hi', '250 ok')),
        await send(await scripted('\x16\x03\x01')),
      ]
      expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(outcomes.map(() => 'unreachable'))
    })

    it('is never an address that no server would take: that is refused', async () => {
      const { local } = await host()
      const outcome = await send(local.port, {}, { ...envelope, to: ['a@b>\r\nRCPT TO:<c@d'] })
      expect(outcome).to.deep.include({ outcome: 'refused' })
      expect(received).to.deep.equal([])
    })
  })

  it('closes with 421 to those who idle, and says when a port is taken', async () => {
    const listener = await host()
    expect(await rejection(host({ at: listener.local }))).to.include({ code: 'network-listen' })
    const socket = connect(listener.local.port, '127.0.0.1')
    const heard: string[] = []
    socket.on('data', (piece: Buffer) => heard.push(piece.toString()))
    await once(socket, 'data')
    await Promise.all([listener.close(), once(socket, 'close')])
    expect(heard.at(-1)).to.match(/^421 /)
  })
})
