import { expect } from 'chai'
import { readMail } from '../../src/mail/read.ts'

const mail = (...lines: string[]): Uint8Array => Buffer.from(lines.join('\r\n'))
const kind = async (...headers: string[]): Promise<string> => (await readMail(mail(...headers, '', 'x'))).kind

describe('reading a mail', () => {
  it('tells the kind by Content-Class, in any case (MS-OXCMAIL §2.2.3.2.15)', async () => {
    for (const value of ['voice', 'Voice-CA', 'VOICE-UC', ' voice-ca '])
      expect(await kind(`Content-Class: ${value}`)).to.equal('voice')
    expect(await kind('content-class: MissedCall')).to.equal('missed-call')
    expect(await kind('Content-Class: fax-ca')).to.equal('other')
    expect(await kind('Content-Class: unauthenticatedVoice-CA')).to.equal('other')
  })

  it('is not deceived by a message recall, which carries the same X- headers', async () => {
    const recall = await readMail(
      mail('X-CallingTelephoneNumber: IPM.Note', 'X-VoiceMessageDuration: 1', 'X-FaxNumberOfPages: 0', '', 'x'),
    )
    expect(recall.kind).to.equal('other')
    expect(recall).not.to.have.any.keys('caller', 'durationSeconds', 'wav')
  })

  it('takes the newest of several recordings by X-AttachmentOrder (MS-OXOUM §2.2.5.9)', async () => {
    const part = (name: string): string[] => [
      '--b',
      'Content-Type: audio/wav',
      `Content-Disposition: attachment; filename="${name}"`,
      '',
      name,
    ]
    const message = (order: string): Uint8Array =>
      mail(
        'Content-Class: voice',
        `X-AttachmentOrder: ${order}`,
        'Content-Type: multipart/mixed; boundary=b',
        '',
        ...part('vm1.wav'),
        ...part('vm2.wav'),
        '--b--',
      )
    for (const order of ['vm2.wav;vm1.wav', '; Vm2.WAV ;vm1.wav;', '', 'missing.wav']) {
      expect(Buffer.from((await readMail(message(order))).wav ?? []).toString(), order).to.equal('vm2.wav')
    }
    expect(Buffer.from((await readMail(message('vm1.wav'))).wav ?? []).toString()).to.equal('vm1.wav')
  })

  it('takes no duration from a signed, fractional or endless number', async () => {
    for (const value of ['-1', '+1', '1.5', '1,000', '', '9'.repeat(400)]) {
      const read = await readMail(mail('Content-Class: voice', `X-VoiceMessageDuration: ${value}`, '', 'x'))
      expect(read, value).not.to.have.property('durationSeconds')
    }
  })

  it('reads anything at all without an error', async () => {
    const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256)
    const nested = mail(
      ...Array.from({ length: 200 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}`),
    )
    for (const bytes of [
      new Uint8Array(),
      noise,
      mail('Content-Type: multipart/mixed', '', 'x'),
      nested,
      mail(':', '', ''),
    ]) {
      expect((await readMail(bytes)).kind).to.equal('other')
    }
  })
})
