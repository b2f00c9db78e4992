import { access, readFile, writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { readWav } from '../../src/media/wav.ts'
import { Report } from '../../src/report/report.ts'
import { playAnswered, playRefused, srtpKey, token } from '../support/report-calls.ts'
import { broken, failed, hostile, passed, skipped, written, type Act, type Written } from '../support/report-fixture.ts'

const run: readonly Act[] = [
  { result: passed, play: playAnswered },
  { result: failed, play: playRefused },
  { result: broken },
]
const first = 'calls/01-out-of-office-but-the-cloudvoicemail-application-is-disabled'

interface Results {
  readonly version: number
  readonly passed: number
  readonly failed: number
  readonly broken: number
  readonly skipped: number
  readonly durationMs: number
  readonly scenarios: readonly Record<string, unknown>[]
}

describe('a report', () => {
  let report: Written
  const writing = async (acts: readonly Act[]): Promise<Written> => (report = await written(acts))
  const results = (): Results => JSON.parse(report.json) as Results
  afterEach(() => report.remove())

  it('makes its folder and writes a page, JUnit, JSON and the files of each call there', async () => {
    await writing(run)
    const names = ['heard-1.wav', 'mail-1.eml', 'delivered-1.wav', 'sip.txt', 'events.jsonl'].map(
      (name) => `${first}/${name}`,
    )
    for (const name of ['index.html', 'junit.xml', 'results.json', ...names]) await access(join(report.folder, name))
    expect(await report.read(`${first}/mail-1.eml`)).to.equal(Buffer.from(passed.mails[0]!.message).toString())
    const heard = readWav(await readFile(join(report.folder, first, 'heard-1.wav')))
    expect(heard).to.have.property('samples').with.length(8000)
  })

  it('answers the text of results.json: counts, then every scenario with its steps and files by name', async () => {
    await writing(run)
    expect(await report.read('results.json')).to.equal(report.json)
    expect(results()).to.deep.include({ version: 1, passed: 1, failed: 1, broken: 1, durationMs: 10_066 })
    const [one, two, three] = results().scenarios
    expect(one).to.deep.include({ verdict: 'passed', startedAt: '2026-07-02T12:00:00.000Z', durationMs: 9641 })
    expect(one).to.have.deep.property('files', { messages: `${first}/sip.txt`, events: `${first}/events.jsonl` })
    expect(one).to.have.nested.property('calls[0].heard', `${first}/heard-1.wav`)
    expect(one).to.have.nested.property('calls[0].transcript[0].name', 'greeting-standard-1001')
    expect(one).to.have.nested.property('mails[0].wav', `${first}/delivered-1.wav`)
    expect(two).to.have.deep.property('steps', failed.steps)
    expect(two)
      .to.have.property('calls')
      .that.deep.equals([{ callId: 'a@caller', from: '+4533120100', to: '1001', transcript: [] }])
    expect(three).to.have.deep.property('error', broken.error)
  })

  it('keeps headers that stand twice in a mail', async () => {
    await writing(run)
    const headers = passed.mails[0]!.headers.map(([name, value]) => ({ name, value }))
    expect(results().scenarios[0]).to.have.nested.property('mails[0].headers').that.deep.equals(headers)
  })

  it('writes every event in its order, and every message as each station saw it', async () => {
    await writing(run)
    const lines = (await report.read(`${first}/events.jsonl`)).trimEnd().split('\n')
    const events = lines.map((line) => JSON.parse(line) as { seq: number; type: string; station: string })
    expect(events.map((e) => e.seq)).to.deep.equal(events.map((_, i) => i + 1))
    expect(events.at(-1)).to.deep.include({ type: 'lab.stopped', station: 'lab' })
    const text = await report.read(`${first}/sip.txt`)
    expect(text.match(/^--- /gm)).to.have.length(events.filter((e) => e.type === 'sip.message').length)
    expect(text).to.contain(
      '--- 0.002 s caller udp 127.0.10.10:40001 -> 127.0.10.10:5060\nINVITE sip:1001@pbx.inside.test SIP/2.0\r\n',
    )
    expect(text).to.contain('--- 0.003 s pbx udp 127.0.10.10:5060 <- 127.0.10.10:40001\n')
  })

  it('writes no SRTP key and no token into any file', async () => {
    await writing(run)
    for (const name of ['index.html', 'junit.xml', 'results.json', `${first}/sip.txt`, `${first}/events.jsonl`]) {
      const text = await report.read(name)
      for (const secret of [srtpKey, token, token.split('.')[2]!]) expect(text, name).not.to.contain(secret)
    }
    expect(await report.read('index.html')).to.contain('inline:[redacted]|2^31|1:4')
  })

  it('writes message bodies in the bytes they had', async () => {
    const name = Buffer.from('Subject: Grüße').toString('latin1')
    const ends = { from: 'caller 127.0.0.1:1', to: 'pbx 127.0.0.1:2', transport: 'udp', cseq: '1 OPTIONS' } as const
    await writing([
      { result: failed, play: (s) => s.pass({ ...ends, line: 'OPTIONS sip:a SIP/2.0', headers: [name] }) },
    ])
    expect(
      await report.read('calls/01-the-sbc-presents-an-expired-certificate-and-the-call-goes-th/sip.txt'),
    ).to.contain('Grüße')
  })

  it('keeps two scenarios of one name, and two plays of one file, apart', async () => {
    await writing([
      { result: passed, play: playAnswered },
      { result: passed, play: playRefused },
    ])
    const second = first.replace('01-', '02-')
    expect(await report.read(`${first}/events.jsonl`))
      .to.contain('mail.attempt')
      .and.not.to.contain('tls.refused')
    expect(await report.read(`${second}/events.jsonl`))
      .to.contain('tls.refused')
      .and.not.to.contain('mail.attempt')
  })

  it('leaves a scenario without a lab its empty files', async () => {
    await writing([{ result: broken }])
    expect(await report.read('calls/01-a-lab-that-does-not-come-up/events.jsonl')).to.equal('')
    expect(await report.read('index.html')).to.contain('Choose another port in the lab file.')
  })

  it('counts what was skipped, and keeps why', async () => {
    await writing([{ result: passed, play: playAnswered }, { result: skipped }])
    expect(results()).to.deep.include({ passed: 1, failed: 0, broken: 0, skipped: 1 })
    expect(results().scenarios[1]).to.deep.include({ verdict: 'skipped', summary: skipped.summary, calls: [] })
    const page = await report.read('index.html')
    expect(page).to.contain('<title>Postern: 1 of 2 passed</title>')
    expect(page).to.contain('<span class="verdict skipped">1 skipped</span> in')
    expect(page).to.contain('<span class="verdict skipped">skipped</span> A schedule across')
    expect(page).to.contain(skipped.summary)
  })

  it('says nothing of skipped scenarios when there are none', async () => {
    await writing([{ result: passed, play: playAnswered }])
    expect(results()).to.have.property('skipped', 0)
    expect(await report.read('index.html')).not.to.match(/\d skipped/)
  })

  it('stays inside its folder whatever a scenario is called', async () => {
    await writing([{ result: { ...hostile, name: '../../etc/Überlauf' } }, { result: { ...hostile, name: '…' } }])
    const folders = results().scenarios.map((s) => (s['files'] as { events: string }).events)
    expect(folders).to.deep.equal(['calls/01-etc-uberlauf/events.jsonl', 'calls/02-scenario/events.jsonl'])
  })

  it('says so when nothing was played', async () => {
    await writing([])
    expect(await report.read('index.html')).to.contain('No scenario was played.')
    expect(results()).to.deep.include({ passed: 0, scenarios: [] })
  })
})

describe('a report that cannot be written', () => {
  it('is store-failed and names the file', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'postern-report-'))
    await writeFile(join(parent, 'taken'), '')
    const thrown = await new Report(join(parent, 'taken')).write().catch((error: unknown) => error)
    await rm(parent, { recursive: true })
    expect(thrown).to.be.instanceOf(PosternError).with.property('code', 'store-failed')
    expect(thrown)
      .to.have.property('message')
      .that.contains(join(parent, 'taken', 'results.json'))
  })
})
