import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseAddress } from '../../src/kernel/address.ts'
import { transcript } from '../../src/media/ears/recognise.ts'
import { readWav } from '../../src/media/wav.ts'
import { quickLab, quickSound } from '../support/quick-lab.ts'
import { temporaryFolder } from '../support/stage.ts'
import { Terminal, typed } from './terminal.ts'

interface MailboxAnswer {
  readonly mails: readonly { readonly kind: string; readonly caller: string; readonly durationSeconds: number }[]
}

describe('postern call', function () {
  this.timeout(60_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let lab: string
  let server: Terminal
  let over: Promise<unknown>
  let roles: Readonly<Record<string, Readonly<Record<string, string>>>>
  const at = (...names: readonly string[]): string => join(folder.path, ...names)
  const pbx = (number: string, transport = 'udp'): string => `sip:${number}@${roles['pbx']?.[transport] ?? ''}`

  before(async () => {
    folder = await temporaryFolder()
    lab = await quickLab(folder.path)
    expect((await typed('certs', '--out', at('certs'))).code).to.equal(0)
    server = new Terminal()
    over = server.type('serve', '--lab', lab, '--certs', at('certs'), '--json', '-v')
    await Promise.race([server.stdout.until(/\n/), over])
    roles = (JSON.parse(server.stdout.text) as { roles: typeof roles }).roles
  })
  after(async () => {
    server.ctrlC()
    await over
    await folder.remove()
  })

  it('answers 1 and tells the refusal', async () => {
    expect(await typed('call', pbx('9999'))).to.deep.equal({ code: 1, out: 'Refused: 404 Not Found\n', err: '' })
  })

  it('hears what the other side says, and keeps it as a WAV that is recognised', async () => {
    const { code, out, err } = await typed('call', pbx('1002'), '--for', '1.9', '--save', at('heard.wav'))
    expect([code, err]).to.deep.equal([0, ''])
    expect(out).to.match(/^Answered; ended by us after [12]\.\d s\n {3}0\.\d s {2}talk-1002 \(/)
    expect(out).to.include(`What was heard: ${at('heard.wav')}\n`)
    const { samples } = readWav(await readFile(at('heard.wav')))
    const pcm = await quickSound('talk-1002')
    expect(transcript(samples, [{ name: 'talk', pcm }]).map((h) => h.name)).to.deep.equal(['talk'])
  })

  it('knows the host names of the lab file, and those of the system', async () => {
    const port = parseAddress(roles['pbx']?.['tcp'] ?? '').port
    expect(await typed('call', `sip:9999@PBX.inside.test:${port};transport=tcp`, '--lab', lab)).to.include({ code: 1 })
    const { code, err } = await typed('call', 'sip:9999@nowhere.invalid')
    expect(code).to.equal(2)
    expect(err).to.match(/no address is known for "nowhere\.invalid"\n {2}Write an IP address/)
  })

  it('says why nobody answered', async () => {
    const { port } = parseAddress(roles['control']?.['http'] ?? '')
    const { code, out } = await typed('call', `sip:1@127.0.10.10:${port}`, '--transport', 'tcp')
    expect(code).to.equal(1)
    expect(out).to.match(/^Not answered: connection refused: connect by tcp to 127\.0\.10\.10:\d+\n {2}see that/)
  })

  it('hangs up at Ctrl-C, and gives up a call that rings', async () => {
    const talking = new Terminal()
    const talk = talking.type('call', pbx('1002'), '-vv')
    await talking.stderr.until(/SIP\/2\.0 200 OK[^]*ACK sip:/)
    talking.ctrlC()
    expect(await talk).to.equal(0)
    expect(talking.stdout.text).to.match(/^Answered; ended by us after /)
    const ringing = new Terminal()
    const ring = ringing.type('call', pbx('1002'), '-vv')
    await ringing.stderr.until(/SIP\/2\.0 180/)
    ringing.ctrlC()
    expect(await ring).to.equal(2)
    expect(ringing.stderr.text).to.match(/CANCEL sip:1002[^]*postern: Interrupted before the call was answered/)
  })

  describe('to the voicemail service, in place of the SBC', () => {
    const voicemail = (): string =>
      `sip:1003@voicemail.edge.test:${parseAddress(roles['voicemail']?.['tls'] ?? '').port};transport=tls`
    const trusting = (): readonly string[] => ['--ca', at('certs', 'authority.pem'), '--srtp', '--diversion', '1003']
    const as = (host: string): readonly string[] => [
      '--cert',
      at('certs', `${host}.pem`),
      '--key',
      at('certs', `${host}.key`),
    ]

    it('leaves a message over TLS and SRTP with the certificate of the SBC', async () => {
      const speaking = [
        '--say',
        at('audio', 'message-carl.wav'),
        '--for',
        '20',
        '--from',
        '+4533120100',
        '--reason',
        'user-busy',
      ]
      const { code, out, err } = await typed('call', voicemail(), ...trusting(), ...as('sbc.edge.test'), ...speaking)
      expect([code, err]).to.deep.equal([0, ''])
      expect(out)
        .to.match(/tone of 1000 Hz/)
        .and.match(/^Said to its end, after the tone\.$/m)
      await server.stderr.until(/mail\.delivered/)
      const mails = await mailsOf('1003')
      expect(mails).to.have.length(1)
      expect(mails[0]).to.include({ kind: 'voice', caller: '+4533120100' })
    })

    it('is answered 403 with a good certificate of another name', async () => {
      const { code, out } = await typed('call', voicemail(), ...trusting(), ...as('exchange.edge.test'))
      expect([code, out]).to.deep.equal([1, 'Refused: 403 Forbidden\n'])
    })

    it('is turned away without a certificate', async () => {
      const { code, out } = await typed('call', voicemail(), ...trusting())
      expect(code).to.equal(1)
      expect(out).to.match(/^Not answered: voicemail\.edge\.test at .* closed the TLS connection[^]*\n {2}see whether/)
    })

    it('refuses a certificate and a key that are no pair', async () => {
      const other = ['--cert', at('certs', 'sbc.edge.test.pem'), '--key', at('certs', 'exchange.edge.test.key')]
      const { code, err } = await typed('call', voicemail(), ...trusting(), ...other)
      expect(code).to.equal(2)
      expect(err).to.include('the key is not that of the certificate')
    })

    const mailsOf = async (mailbox: string): Promise<MailboxAnswer['mails']> => {
      const url = `http://${roles['control']?.['http'] ?? ''}/mailboxes/${mailbox}`
      return ((await (await fetch(url)).json()) as MailboxAnswer).mails
    }
  })
})
