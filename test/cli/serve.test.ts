import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseAddress } from '../../src/kernel/address.ts'
import { program } from '../support/program.ts'
import { quickLab } from '../support/quick-lab.ts'
import { temporaryFolder } from '../support/stage.ts'
import { Terminal } from './terminal.ts'

interface Ready {
  readonly event: string
  readonly roles: Readonly<Record<string, Readonly<Record<string, string>>>>
}

describe('postern serve', function () {
  this.timeout(60_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let lab: string
  const at = (...names: readonly string[]): string => join(folder.path, ...names)

  const temporary = async (): Promise<readonly string[]> =>
    (await readdir(folder.path)).filter((name) => name.startsWith('postern-'))

  beforeEach(async () => {
    folder = await temporaryFolder()
    lab = await quickLab(folder.path)
  })
  afterEach(() => folder.remove())

  it('tells every listening address by role and transport in one line, and has let go of them when it stops', async () => {
    const terminal = new Terminal()
    const over = terminal.type('serve', '--lab', lab, '--data', at('data'), '--json')
    await Promise.race([terminal.stdout.until(/\n/), over])
    const { event, roles } = JSON.parse(terminal.stdout.text) as Ready
    expect(event).to.equal('ready')
    const faces = Object.entries(roles).flatMap(([role, by]) => Object.keys(by).map((t) => `${role} ${t}`))
    expect(faces).to.have.members([
      'pbx udp',
      'pbx tcp',
      'sbc tcp',
      'sbc tls',
      'voicemail tls',
      'exchange smtp',
      'exchange https',
      'control http',
    ])
    expect(roles['pbx']?.['udp']).to.match(/^127\.0\.10\.10:\d+$/)
    const control = roles['control']?.['http'] ?? ''
    const health = (await (await fetch(`http://${control}/health`)).json()) as { up: boolean }
    expect(health.up).to.equal(true)
    terminal.ctrlC()
    expect(await over).to.equal(0)
    expect(terminal.stdout.text.split('\n')).to.have.length(2)
    expect(terminal.stderr.text).to.equal('')
    for (const address of [control, roles['pbx']?.['tcp'] ?? '', roles['exchange']?.['smtp'] ?? '']) {
      expect(await refuses(address), address).to.equal(true)
    }
    expect((await stat(at('data'))).isDirectory(), 'the folder that was named stays').to.equal(true)
  })

  it('tells a person what is up and what to try, and logs on stderr alone', async () => {
    const terminal = new Terminal()
    const over = terminal.type('serve', '--lab', lab, '--verbose')
    await Promise.race([terminal.stdout.until(/Ctrl-C stops/), over])
    expect(terminal.stdout.text).to.match(/^ {2}pbx +udp +127\.0\.10\.10:\d+$/m)
    expect(terminal.stdout.text).to.match(/^ {2}postern call sip:1002@127\.0\.10\.10:\d+$/m)
    terminal.ctrlC()
    expect(await over).to.equal(0)
    expect(terminal.stderr.text).to.match(/lab\.started[^]*lab\.stopped/)
    expect(terminal.stdout.text).not.to.include('lab.started')
  })

  it('names the port in use and the next step, and lets go of what it had', async () => {
    const first = new Terminal()
    const over = first.type('serve', '--lab', lab, '--json')
    await Promise.race([first.stdout.until(/\n/), over])
    const { roles } = JSON.parse(first.stdout.text) as Ready
    const control = roles['control']?.['http'] ?? ''
    const second = new Terminal()
    lab = await quickLab(folder.path, (t) => `${t}control: { port: ${parseAddress(control).port} }\n`)
    expect(await second.type('serve', '--lab', lab, '--json', '--verbose', '--log-format', 'json')).to.equal(2)
    expect(second.stdout.text).to.equal('')
    expect(second.stderr.text).to.match(
      new RegExp(`in use: listen for http on ${control.replaceAll('.', '\\.')}\n {2}.*choose another port`),
    )
    expect(second.stderr.text).to.match(/"type":"lab\.stopped"/)
    first.ctrlC()
    expect(await over).to.equal(0)
  })

  it('ends as a process with 0 at Ctrl-C, though npm and the terminal send signals after it, and leaves no temporary folder', async () => {
    const { child, ended } = await serving(lab, folder.path)
    expect(await temporary()).to.have.length(1)
    for (const signal of ['SIGINT', 'SIGINT', 'SIGHUP'] as const) child.kill(signal)
    expect(await ended).to.deep.equal([0, null])
    expect(await temporary()).to.deep.equal([])
  })
})

/** As a process of its own, up and ready, with its temporary folders in `tmp`. */
async function serving(lab: string, tmp: string) {
  const child = spawn(process.execPath, [program(), 'serve', '--lab', lab], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: tmp },
  })
  const ended = once(child, 'exit')
  let text = ''
  for await (const piece of child.stdout) {
    text += String(piece)
    if (text.includes('Ctrl-C')) break
  }
  return { child, ended }
}

async function refuses(address: string): Promise<boolean> {
  const socket = connect(parseAddress(address))
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}
