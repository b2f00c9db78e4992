import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { readMail } from '../../src/mail/read.ts'
import { recognise } from '../../src/media/ears/recognise.ts'
import { readWav } from '../../src/media/wav.ts'
import { readSound } from '../../src/lab/audio.ts'
import { quickLab } from '../support/quick-lab.ts'
import { temporaryFolder } from '../support/stage.ts'
import { scenario, Terminal } from './terminal.ts'

interface Results {
  readonly passed: number
  readonly failed: number
  readonly broken: number
  readonly scenarios: readonly {
    readonly name: string
    readonly verdict: string
    readonly summary: string
    readonly calls: readonly { readonly heard?: string }[]
    readonly mails: readonly { readonly eml: string }[]
    readonly files: { readonly messages: string }
  }[]
}

const missed = ["call: { from: '+4533120100', to: '1003' }", 'hang-up', "mail: { to: '1003', kind: missed-call }"]
const unknown = ["call: { from: '+4533120100', to: '9999' }", 'refused: 404']
const ringing = ["call: { from: '+4533120100', to: '1001' }", 'wait: 60s']

describe('postern run', function () {
  this.timeout(60_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let lab: string
  let terminal: Terminal
  const { TMPDIR: systemTmp } = process.env
  const labFolders = async (): Promise<readonly string[]> =>
    (await readdir(at('tmp'))).filter((name) => name.startsWith('postern-'))
  const at = (...names: readonly string[]): string => join(folder.path, ...names)
  const run = (...args: readonly string[]) => terminal.type('run', '--lab', lab, '--report', at('report'), ...args)

  beforeEach(async () => {
    folder = await temporaryFolder()
    lab = await quickLab(folder.path)
    terminal = new Terminal()
  })
  afterEach(async () => {
    if (systemTmp === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = systemTmp
    await folder.remove()
  })

  it('answers 1 when one fails, prints results.json and nothing else, and keeps what was heard, delivered and said', async () => {
    const passing = await scenario(folder.path, 'missed', missed)
    const code = await run('test/scenario/failing/wrong-greeting.yaml', passing, '--json')
    expect(code, terminal.stderr.text).to.equal(1)
    expect(terminal.ended).to.equal(1)
    const file = (name: string): Promise<Buffer> => readFile(at('report', name))
    expect(terminal.stdout.text).to.equal((await file('results.json')).toString())
    expect(terminal.stderr.text).to.match(/1 passed, 1 failed, 0 broken in .*\nReport: .*index\.html\n$/)

    const results = JSON.parse(terminal.stdout.text) as Results
    expect(results).to.include({ passed: 1, failed: 1, broken: 0 })
    const failed = results.scenarios.find((s) => s.verdict === 'failed')
    const passed = results.scenarios.find((s) => s.verdict === 'passed')
    expect(failed?.summary).to.match(/^voicemail: expected greeting-standard-1001, heard greeting-oof-1001/)
    const heard = readWav(await file(failed?.calls[0]?.heard ?? '')).samples
    const references = await Promise.all(
      ['greeting-standard-1001', 'greeting-oof-1001'].map(async (name) => {
        return { name, pcm: await readSound(`scenarios/audio/${name}.wav`) }
      }),
    )
    expect(recognise(heard, references).best?.name).to.equal('greeting-oof-1001')
    expect((await readMail(await file(passed?.mails[0]?.eml ?? ''))).kind).to.equal('missed-call')
    expect((await file(failed?.files.messages ?? '')).toString()).to.match(/^INVITE sip:1001@/m)
    expect((await file('junit.xml')).toString()).to.match(/<testsuite name="postern" tests="2" failures="1" errors="0"/)
    expect((await file('index.html')).toString()).to.match(/^<!doctype html>/i)
  })

  it('answers 0 when all pass, in plain lines without a terminal', async () => {
    const file = await scenario(folder.path, 'unknown', unknown)
    expect(await run(file)).to.equal(0)
    const { text } = terminal.stdout
    expect(text).to.match(/^Playing 1 scenario[^]*^passed {2}unknown \([^]*1 passed, 0 failed, 0 broken[^]*^Report: /m)
    expect(text).not.to.match(/[\r\u001B]/)
    expect(terminal.stderr.text).to.equal('')
  })

  it('shows on a terminal what is under way, and colours where they are wanted', async () => {
    const file = await scenario(folder.path, 'unknown', unknown)
    terminal = new Terminal({ columns: 80 })
    await run(file)
    expect(terminal.stdout.text).to.include('0/1  unknown: ').and.include('\u001B[32mpassed\u001B[0m')
    for (const environment of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      terminal = new Terminal({ columns: 80, environment })
      await run(file)
      expect(terminal.stdout.text, JSON.stringify(environment)).not.to.include('\u001B[32m')
    }
    expect(terminal.stdout.text, 'a dumb terminal').not.to.match(/[\r\u001B]/)
  })

  it('logs on stderr with -v, as JSON when asked', async () => {
    const file = await scenario(folder.path, 'unknown', unknown)
    await run(file, '-vv', '--log-format', 'json')
    const events = terminal.stderr.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; scenario: string })
    expect(events.map((e) => e.type)).to.include.members(['lab.started', 'sip.message', 'lab.stopped'])
    expect(events[0]?.scenario).to.equal('unknown.yaml')
    expect(terminal.stdout.text).not.to.include('lab.started')
  })

  it('plays with --only what has that text in its name or its file', async () => {
    await scenario(folder.path, 'unknown', unknown)
    const other = await scenario(folder.path, 'ringing', ringing)
    const folderOfTwo = at('two')
    expect(await run(at('unknown.yaml'), other, '--only', 'UNKNOWN', '--json')).to.equal(0)
    expect((JSON.parse(terminal.stdout.text) as Results).scenarios.map((s) => s.name)).to.deep.equal(['unknown'])
    expect(await run(other, '--only', 'dance')).to.equal(2)
    expect(terminal.stderr.text).to.match(/--only dance fits no scenario\n {2}There are:\n.*ringing\.yaml: ringing/)
    expect(await run(folderOfTwo)).to.equal(2)
    expect(terminal.stderr.text).to.match(/two cannot be read[^]*Name a scenario file/)
  })

  it('answers 2 before anything is played when files are broken, and names each fault with its place', async () => {
    const good = await scenario(folder.path, 'unknown', unknown)
    const bad = await scenario(folder.path, 'bad', ['dance'])
    await writeFile(at('worse.yaml'), 'version: 1\nscenario: [\n')
    expect(await run(good, bad, at('worse.yaml'))).to.equal(2)
    expect(terminal.stderr.text)
      .to.match(/^postern: .*bad\.yaml:4:5: /)
      .and.match(/^.*worse\.yaml:\d+:\d+: not YAML/m)
    expect(terminal.stdout.text).to.equal('')
  })

  it('answers 2 when the lab cannot bind, and names the address and the next step', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.10.10')
    await once(socket, 'listening')
    const { port } = socket.address()
    lab = await quickLab(folder.path, (t) => t.replace('bind: 127.0.10.10', `$&, ports: { udp: ${port} }`))
    try {
      expect(await run(await scenario(folder.path, 'unknown', unknown))).to.equal(2)
    } finally {
      socket.close()
    }
    expect(terminal.stdout.text).to.match(
      new RegExp(`BROKEN {2}unknown[^]*in use: listen for udp on 127\\.0\\.10\\.10:${port}\n.*choose another port`),
    )
  })

  it('stops the labs at Ctrl-C, tells what was not over, and answers 2', async () => {
    process.env['TMPDIR'] = at('tmp')
    await mkdir(at('tmp'))
    const first = await scenario(folder.path, 'ringing', ringing)
    const second = await scenario(folder.path, 'waiting', ringing)
    const running = run(first, second, '--jobs', '1', '-vv')
    await terminal.stderr.until(/SIP\/2\.0 180/)
    expect(await labFolders()).to.have.length(1)
    terminal.ctrlC()
    expect(await running).to.equal(2)
    expect(await labFolders()).to.deep.equal([])
    expect(terminal.stderr.text).to.include('postern: SIGINT: stopping the labs; once more ends it at once\n')
    expect(terminal.stderr.text).to.match(/lab\.stopped/)
    expect(terminal.stdout.text).to.match(/interrupted before it was over[^]*interrupted before it began/)
    expect(await readFile(at('report', 'junit.xml'), 'utf8')).to.include('errors="2"')
  })

  it('says before it plays that a report cannot be written', async () => {
    await writeFile(at('report'), 'a file')
    expect(await run(await scenario(folder.path, 'unknown', unknown))).to.equal(2)
    expect(terminal.stdout.text).to.equal('')
    expect(terminal.stderr.text).to.match(/No folder can be made at .*report[^]*another folder with --report/)
  })
})
