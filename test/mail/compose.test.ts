import { expect } from 'chai'
import { composeNonDelivery } from '../../src/mail/non-delivery.ts'
import { readMail } from '../../src/mail/read.ts'
import { composeMissedCall, composeVoiceMail, type VoiceMail } from '../../src/mail/voice-mail.ts'

const wav = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
const call: VoiceMail = {
  from: 'noreply@um.contoso.example',
  to: 'ann@contoso.example',
  callerNumber: '+15551230001',
  callerName: 'Bób "B" Doe',
  calledName: 'Ann',
  callId: 'a84b4c76e66710@10.0.0.1',
  durationSeconds: 7.4,
  wav,
  date: Date.UTC(2026, 0, 2, 3, 4, 5),
  messageId: 'm1@um.contoso.example',
  boundary: 'b1',
}
const text = (message: Uint8Array): string => Buffer.from(message).toString('utf8')
const head = (message: Uint8Array): string => text(message).split('\r\n\r\n')[0] ?? ''

describe('voice mail', () => {
  it('reads back as it was composed', async () => {
    const mail = await readMail(await composeVoiceMail(call))
    expect(mail).to.include({
      kind: 'voice',
      subject: 'Voice Mail from +15551230001 (7 seconds)',
      caller: '+15551230001',
      callerName: 'Bób "B" Doe',
      callId: 'a84b4c76e66710@10.0.0.1',
      durationSeconds: 7,
      date: call.date,
      messageId: '<m1@um.contoso.example>',
    })
    expect(mail.from).to.deep.equal(['noreply@um.contoso.example'])
    expect(mail.to).to.deep.equal(['ann@contoso.example'])
    expect(mail.text).to.include('+15551230001 called Ann')
    expect(mail.attachments).to.deep.equal([
      { name: '+15551230001 (7 seconds) Voice Mail.wav', type: 'audio/wav', bytes: wav },
    ])
    expect(mail.wav).to.deep.equal(wav)
  })

  it('carries the headers of MS-OXCMAIL, spelled as Microsoft spells them', async () => {
    expect(head(await composeVoiceMail({ ...call, callerName: 'Bob' }))).to.match(
      /^Content-Class: Voice-CA\r\nX-CallingTelephoneNumber: \+15551230001\r\nX-VoiceMessageSenderName: Bob\r\nX-CallID: a84b4c76e66710@10\.0\.0\.1\r\nX-VoiceMessageDuration: 7\r\nX-AttachmentOrder: \+15551230001 \(7 seconds\) Voice Mail\.wav\r\n/,
    )
  })

  it('is the same to the byte each time, with CRLF line ends and no 8-bit', async () => {
    const message = await composeVoiceMail(call)
    expect(message).to.deep.equal(await composeVoiceMail(call))
    expect(text(message)).not.to.match(/[^\r]\n|\r[^\n]|[^\r\n\x20-\x7e]/)
  })

  it('names a caller who withheld the number, and leaves the number out', async () => {
    const { callerName, ...unnamed } = call
    const mail = await readMail(await composeVoiceMail({ ...unnamed, callerNumber: '' }))
    expect(mail.subject).to.equal('Voice Mail from an unknown caller (7 seconds)')
    expect(mail.headers.has('x-callingtelephonenumber'), callerName).to.equal(false)
    const named = await readMail(await composeVoiceMail({ ...call, callerNumber: '' }))
    expect(named.subject).to.equal('Voice Mail from Bób "B" Doe (7 seconds)')
  })

  for (const seconds of [0, 0.2, -5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`writes ${seconds} seconds as a positive number`, async () => {
      expect((await readMail(await composeVoiceMail({ ...call, durationSeconds: seconds }))).durationSeconds).to.equal(
        1,
      )
    })
  }

  const hostile: Record<string, string> = {
    'line breaks': 'x\r\nBcc: evil@example.com\r\n\r\nbody',
    quotes: '"; filename="evil.exe',
    NUL: 'a\0b\u0007',
    '64 kB': 'é'.repeat(32_768),
    '64 kB without a space': 'a'.repeat(65_536),
    'bidirectional controls': '\u202Egpj.exe\u2066\u2028x',
    'lone surrogates': 'a\ud800b',
    paths: '../../etc/passwd; a.wav',
    brackets: '<a@b>, c@d',
    'an encoded word': '=?utf-8?Q?=0D=0ABcc:_evil@example.com?=',
  }
  for (const [what, value] of Object.entries(hostile)) {
    it(`stays whole when a caller sends ${what}`, async () => {
      const message = await composeVoiceMail({
        ...call,
        callerNumber: value,
        callerName: value,
        calledName: value,
        callId: value,
        messageId: value,
        boundary: value,
      })
      const fields = head(message)
        .replace(/\r\n[ \t]/g, ' ')
        .split('\r\n')
      expect(fields.map((field) => field.split(':')[0])).to.deep.equal([
        'Content-Class',
        'X-CallingTelephoneNumber',
        'X-VoiceMessageSenderName',
        'X-CallID',
        'X-VoiceMessageDuration',
        'X-AttachmentOrder',
        'From',
        'To',
        'Subject',
        'Message-ID',
        'Date',
        'MIME-Version',
        'Content-Type',
      ])
      expect(text(message)).not.to.match(/[^\r]\n|\r[^\n]|[^\r\n\x20-\x7e]/)
      expect(
        Math.max(
          ...text(message)
            .split('\r\n')
            .map((line) => line.length),
        ),
      ).to.be.at.most(998)
      const mail = await readMail(message)
      expect(mail.from).to.deep.equal(['noreply@um.contoso.example'])
      expect(mail.attachments.map(({ type }) => type)).to.deep.equal(['audio/wav'])
      expect(mail.attachments[0]?.name).to.match(
        /^[^/\\:;*?"<>|\p{Cc}\u202e\u2066]{1,120} \(7 seconds\) Voice Mail\.wav$/u,
      )
      expect(mail.wav).to.deep.equal(wav)
    })
  }
})

describe('missed call', () => {
  it('is of class missedcall, and attaches nothing', async () => {
    const mail = await readMail(await composeMissedCall(call))
    expect(mail).to.include({ kind: 'missed-call', subject: 'Missed call from +15551230001', caller: '+15551230001' })
    expect(mail.attachments).to.deep.equal([])
    expect(mail.headers.get('content-class')).to.equal('missedcall')
  })
})

describe('non-delivery report (RFC 3464)', () => {
  const order = {
    recipient: 'ann@contoso.example',
    text: '550 5.1.1 unknown',
    postmaster: 'postmaster@contoso.example',
    host: 'um.contoso.example',
    arrived: Date.UTC(2026, 0, 2),
    lastAttempt: Date.UTC(2026, 0, 3),
    messageId: 'r1@um.contoso.example',
    boundary: 'r1',
  }
  const reply = { code: 550, enhanced: '5.1.1', text: 'unknown\r\nX-Evil: yes' }

  it('holds a text, the status fields and the original, byte for byte (RFC 3462 §1)', async () => {
    const original = await composeVoiceMail(call)
    const report = await composeNonDelivery({ ...order, original, reply })
    expect(head(report)).to.match(/Content-Type: multipart\/report; report-type=delivery-status;/)
    const parts = text(report).split(/\r\n--.*r1-Part_1(?:--)?\r\n/)
    expect(parts.map((part) => /^Content-Type: ([\w/-]+)/.exec(part)?.[1]).filter(Boolean)).to.deep.equal([
      'text/plain',
      'message/delivery-status',
      'message/rfc822',
    ])
    expect(text(report)).to.include(text(original))
    expect(await readMail(report)).to.include({
      kind: 'non-delivery',
      subject: 'Undeliverable: mail to ann@contoso.example',
    })
  })

  it('names the recipient, the action, the status and the server’s words (RFC 3464 §2.3)', async () => {
    const report = text(await composeNonDelivery({ ...order, original: wav, reply }))
    expect(report).to.include(
      [
        'Reporting-MTA: dns; um.contoso.example',
        'Arrival-Date: Fri, 02 Jan 2026 00:00:00 +0000',
        '',
        'Final-Recipient: rfc822; ann@contoso.example',
        'Action: failed',
        'Status: 5.1.1',
        'Diagnostic-Code: smtp; 550 5.1.1 unknown X-Evil: yes',
        'Last-Attempt-Date: Sat, 03 Jan 2026 00:00:00 +0000',
      ].join('\r\n'),
    )
    expect(report).to.match(/^Auto-Submitted: auto-replied\r\n/)
  })

  it('says 4.4.7 when time ran out (RFC 3463 §3.5), 5.0.0 for a refusal without a code of its own', async () => {
    expect(text(await composeNonDelivery({ ...order, original: wav }))).to.include('Status: 4.4.7')
    const plain = { code: 554, enhanced: '', text: 'no' }
    expect(text(await composeNonDelivery({ ...order, original: wav, reply: plain }))).to.include('Status: 5.0.0')
  })
})
