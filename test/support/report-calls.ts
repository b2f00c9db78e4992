import { formatAddress, parseAddress } from '../../src/kernel/address.ts'
import { Bus } from '../../src/kernel/bus.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import type { LabEvent } from '../../src/lab/events.ts'
import type { Transport } from '../../src/sip/face.ts'

/** A hand-made little lab: a bus under manual time, and messages that go from one station to another. */
export interface Stage {
  readonly bus: Bus<LabEvent>
  readonly clock: ManualClock
  /** One event of a station, 1 ms after the one before. */
  readonly say: (station: string, event: LabEvent) => void
  /** A message as both ends see it. */
  readonly pass: (message: Passed) => void
  /** A message as only its sender, or only its receiver, sees it. */
  readonly saw: (direction: 'out' | 'in', message: Passed) => void
}

export interface Passed {
  /** Station and address, as in `pbx 127.0.10.10:5060`. */
  readonly from: string
  readonly to: string
  readonly transport: Transport
  readonly line: string
  readonly cseq: string
  readonly callId?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

export const srtpKey = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
export const token = 'eyJhbGciOiJSUzI1NiIsIng1dCI6ImEifQ.eyJhdWQiOiJleGNoYW5nZSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'

export function stage(): Stage {
  const clock = new ManualClock(Date.UTC(2026, 6, 2, 12))
  const bus = new Bus<LabEvent>(clock)
  const say: Stage['say'] = (station, event) => {
    clock.advance(1)
    bus.from(station)(event)
  }
  const saw: Stage['saw'] = (direction, message) => {
    const [ours, theirs] = direction === 'out' ? [message.from, message.to] : [message.to, message.from]
    const [station = '', local = ''] = ours.split(' ')
    const { transport, cseq } = message
    const title = message.line.replace(/^SIP\/2\.0 | SIP\/2\.0$/g, '')
    const facts = {
      transport,
      local: parseAddress(local),
      remote: parseAddress(theirs.split(' ')[1] ?? ''),
      cseq,
      title,
    }
    say(station, {
      type: 'sip.message',
      direction,
      ...facts,
      callId: message.callId ?? 'a@caller',
      text: textOf(message),
    })
  }
  return { bus, clock, say, saw, pass: (message) => (['out', 'in'] as const).forEach((way) => saw(way, message)) }
}

function textOf({ from, transport, line, cseq, callId = 'a@caller', headers = [], body = '' }: Passed): string {
  const via = `Via: SIP/2.0/${transport.toUpperCase()} ${formatAddress(parseAddress(from.split(' ')[1] ?? ''))};branch=z9hG4bK1;rport`
  const ends = ['From: "Carl Jensen" <sip:+4533120100@pbx.inside.test>;tag=1', 'To: <sip:1001@pbx.inside.test>']
  const lines = [line, via, 'Max-Forwards: 70', ...ends, `Call-ID: ${callId}`, `CSeq: ${cseq}`, ...headers]
  return `${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

const caller = 'caller 127.0.10.10:40001'
const pbx = 'pbx 127.0.10.10:5060'
const pbxTrunk = 'pbx 127.0.10.10:41001'
const sbcInside = 'sbc 127.0.10.20:5060'
const sbcOutside = 'sbc 127.0.20.20:42001'
const voicemail = 'voicemail 127.0.20.30:5061'

const phoneLeg = { from: caller, to: pbx, transport: 'udp', callId: 'a@caller' } as const
const trunkLeg = { from: pbxTrunk, to: sbcInside, transport: 'tcp', callId: 'b@pbx' } as const
const edgeLeg = { from: sbcOutside, to: voicemail, transport: 'tls', callId: 'c@sbc' } as const

const back = <L extends { from: string; to: string }>(leg: L): L => ({ ...leg, from: leg.to, to: leg.from })

const sdp = (host: string, crypto = ''): string =>
  `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 30000 RTP/${crypto === '' ? '' : 'S'}AVP 8 101\r\n${crypto}a=rtpmap:8 PCMA/8000\r\n`
const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${srtpKey}|2^31|1:4\r\n`

const diversion = ['Diversion: <sip:1001@pbx.inside.test>;reason=no-answer;counter=1', 'Content-Type: application/sdp']
const invite = { line: 'INVITE sip:1001@pbx.inside.test SIP/2.0', cseq: '1 INVITE' }
const toPilot = { line: 'INVITE sip:7000@sbc.inside.test SIP/2.0', cseq: '1 INVITE', headers: diversion }
const ringing = { line: 'SIP/2.0 180 Ringing', cseq: '1 INVITE' }
const ok = { line: 'SIP/2.0 200 OK', cseq: '1 INVITE' }
const ack = { line: 'ACK sip:1001@127.0.10.10:5060 SIP/2.0', cseq: '1 ACK' }
const bye = { line: 'BYE sip:1001@127.0.10.10:5060 SIP/2.0', cseq: '2 BYE' }
const byeOk = { line: 'SIP/2.0 200 OK', cseq: '2 BYE' }

const started: LabEvent = {
  type: 'lab.started',
  roles: { pbx: { udp: '127.0.10.10:5060' }, sbc: { tcp: '127.0.10.20:5060' }, voicemail: { tls: '127.0.20.30:5061' } },
}

/** No answer, the authorization refused, the standard greeting, a message, and its mail on the second try. */
export function playAnswered({ say, pass, clock }: Stage): void {
  say('lab', started)
  pass({ ...phoneLeg, ...invite, headers: ['Content-Type: application/sdp'], body: sdp('127.0.10.10') })
  pass({ ...back(phoneLeg), ...ringing })
  clock.advance(1000)
  say('pbx', { type: 'pbx.diverted', callId: 'a@caller', legCallId: 'b@pbx', extension: '1001', reason: 'no-answer' })
  pass({ ...trunkLeg, ...toPilot, body: sdp('127.0.10.10') })
  pass({ ...edgeLeg, ...toPilot, body: sdp('127.0.20.20', crypto) })
  say('voicemail', {
    type: 'ews.request',
    purpose: 'GetUserOofSettings',
    method: 'POST',
    url: 'https://exchange.edge.test/EWS/Exchange.asmx',
    status: 401,
  })
  say('exchange', { type: 'exchange.http', method: 'POST', path: '/EWS/Exchange.asmx', status: 401 })
  const diagnostics = `2000005;reason="The partner application is disabled; Bearer ${token}";error_category="invalid_application"`
  say('exchange', { type: 'exchange.http', method: 'POST', path: '/EWS/Exchange.asmx', status: 401, diagnostics })
  say('voicemail', { type: 'oauth.refused', by: 'ews', application: 'db7de2b5', status: 401, diagnostics })
  const choice = { kind: 'standard', source: 'custom', because: 'the out-of-office state is not known' } as const
  say('voicemail', { type: 'voicemail.greeting', callId: 'c@sbc', deposit: 'd1', choice })
  pass({ ...back(edgeLeg), ...ok, body: sdp('127.0.20.30', crypto) })
  pass({ ...back(trunkLeg), ...ok, body: sdp('127.0.10.20') })
  pass({ ...back(phoneLeg), ...ok, body: sdp('127.0.10.20') })
  say('sbc', { type: 'sbc.bridged', callId: 'b@pbx', codec: 'PCMA', srtp: true })
  for (const leg of [phoneLeg, trunkLeg, edgeLeg]) pass({ ...leg, ...ack })
  say('voicemail', { type: 'voicemail.recording', callId: 'c@sbc', deposit: 'd1' })
  clock.advance(8000)
  for (const leg of [phoneLeg, trunkLeg, edgeLeg]) pass({ ...leg, ...bye })
  for (const leg of [edgeLeg, trunkLeg, phoneLeg]) pass({ ...back(leg), ...byeOk })
  say('voicemail', { type: 'voicemail.recorded', deposit: 'd1', ms: 4200, end: 'closed' })
  say('voicemail', {
    type: 'voicemail.spooled',
    deposit: 'd1',
    kind: 'voice',
    messageId: 'm1@voicemail',
    recovered: false,
  })
  say('voicemail', {
    type: 'mail.attempt',
    id: 'm1',
    attempt: 1,
    outcome: 'deferred',
    code: 451,
    text: '451 4.3.2 Please try again later',
  })
  clock.advance(500)
  say('exchange', {
    type: 'exchange.mail',
    mailbox: 'anna.berg',
    id: 'm1@voicemail',
    outcome: 'delivered',
    class: 'IPM.Note.Microsoft.Voicemail.UM.CA',
  })
  say('voicemail', {
    type: 'mail.attempt',
    id: 'm1',
    attempt: 2,
    outcome: 'accepted',
    code: 250,
    text: '250 2.6.0 queued',
  })
  say('lab', { type: 'lab.stopped' })
}

/** The SBC's certificate has expired: voicemail cuts the line, the call is refused. */
export function playRefused({ say, pass }: Stage): void {
  say('lab', started)
  pass({ ...phoneLeg, ...invite })
  pass({ ...trunkLeg, ...toPilot })
  const connection = { local: parseAddress('127.0.20.30:5061'), remote: parseAddress('127.0.20.20:42001') }
  say('voicemail', {
    type: 'tls.refused',
    side: 'server',
    ...connection,
    verdict: 'refused',
    reason: 'certificate-expired',
    text: 'sbc.edge.test expired on 2026-06-01',
    names: ['sbc.edge.test'],
  })
  const ends = { local: connection.remote, remote: connection.local }
  say('sbc', {
    type: 'tls.refused-by-peer',
    side: 'client',
    ...ends,
    text: 'voicemail.edge.test refused our certificate',
  })
  pass({ ...back(trunkLeg), line: 'SIP/2.0 503 Service Unavailable', cseq: '1 INVITE' })
  pass({ ...back(phoneLeg), line: 'SIP/2.0 503 Service Unavailable', cseq: '1 INVITE' })
}
