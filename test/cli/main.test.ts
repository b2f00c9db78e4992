import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { program } from '../support/program.ts'
import { Terminal, typed } from './terminal.ts'

const commands = ['run', 'explore', 'serve', 'call', 'certs']

describe('the command line', () => {
  it('lists the commands and the exit codes in its help', async () => {
    const { code, out, err } = await typed('--help')
    expect([code, err]).to.deep.equal([0, ''])
    for (const command of commands) expect(out).to.include(`  postern ${command}`)
    expect(out).to.include('Exit code 0: all passed. 1: a scenario failed')
  })

  for (const command of commands) {
    it(`shows examples in the help of ${command}, in lines no longer than a terminal of 100 columns`, async () => {
      const { code, out } = await typed(command, '-h')
      expect(code).to.equal(0)
      expect(out).to.match(new RegExp(`^Examples[^]*^ {2}postern ${command}\\b`, 'm'))
      for (const line of out.split('\n')) expect(line.length, line).to.be.at.most(100)
    })
  }

  it('wraps its help to a narrow terminal, and not to one that does not know its width', async () => {
    const narrow = new Terminal({ columns: 60 })
    await narrow.type('--help')
    expect(Math.max(...narrow.stdout.text.split('\n').map((l) => l.length))).to.be.at.most(60)
    const unknown = new Terminal({ columns: 0 })
    await unknown.type('--help')
    expect(unknown.stdout.text).to.include('Keep a lab up for telephones, SBCs and scripts, until Ctrl-C or SIGTERM')
  })

  it('has the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
    expect(await typed('--version')).to.deep.equal({ code: 0, out: `${version}\n`, err: '' })
  })

  const wrong: readonly (readonly [args: string, told: RegExp])[] = [
    ['', /No command was named: expected run, explore, serve, call, certs/],
    ['dance', /"dance" is not known/],
    ['run --dance', /"dance" is not known\n {2}`postern run --help` shows/],
    ['run --report', /Nothing stands after --report/],
    ['run --lab a.yaml --lab b.yaml', /--lab stands twice/],
    ['run a.yaml -- -b', /"-b" is left over/],
    ['run --jobs many', /--jobs is not a whole number from 1 up/],
    ['run --jobs 0', /--jobs is not a whole number/],
    ['run --jobs 1.5', /--jobs is not a whole number/],
    ['run --log-format xml', /--log-format "xml", expected "text", "json"/],
    ['call', /The <uri> to call is missing/],
    ['call 1001', /"1001" is not a SIP URI with a host\n {2}Expected something like sip:1001@/],
    ['call tel:+4533120100', /is not a SIP URI with a host/],
    ['call sip:1@127.0.0.1;transport=sctp', /Transport "sctp" of the URI is not known here/],
    ['call sip:1@127.0.0.1 --for soon', /--for is not a number of seconds/],
    ['call sip:1@127.0.0.1 --for -3', /--for is not a number of seconds/],
    ['call sip:1@127.0.0.1 --from nobody@nowhere', /--from nobody@nowhere is neither a SIP URI nor a number/],
    ['call sip:1@127.0.0.1 --reason away', /--reason stands without --diversion/],
    ['call sip:1@127.0.0.1 --diversion 1001 --reason no;way', /--reason no;way is not one word/],
    ['call sip:1@127.0.0.1 --ca ca.pem', /--ca is for TLS, and this call goes by udp/],
    ['call sips:1@127.0.0.1', /TLS needs --ca/],
    ['call sips:1@127.0.0.1 --ca x --cert y', /--cert stands without --key/],
    ['call sips:1@127.0.0.1 --ca x --key y', /--key stands without --cert/],
    ['call sips:1@127.0.0.1 --ca package.json', /--ca package\.json holds no certificate/],
    ['call sip:1@127.0.0.1 --save nowhere/x.wav', /--save nowhere\/x\.wav cannot be written/],
    ['call sip:1@127.0.0.1 --save docs', /--save docs is a folder/],
  ]
  for (const [line, told] of wrong) {
    it(`refuses "postern ${line}" with code 2 and the next step, on stderr alone`, async () => {
      const { code, out, err } = await typed(...line.split(' ').filter((a) => a !== ''))
      expect([code, out]).to.deep.equal([2, ''])
      expect(err).to.match(told)
      expect(err).to.match(/^postern: [^]+\n {2}\S[^]+\n {2}\(usage\)\n$/)
    })
  }

  it('names a file that is not there', async () => {
    for (const args of [
      ['run', 'nowhere.yaml'],
      ['serve', '--lab', 'nowhere.yaml'],
      ['call', 'sip:1@127.0.0.1', '--say', 'nowhere.yaml'],
      ['call', 'sips:1@127.0.0.1', '--ca', 'nowhere.yaml'],
    ]) {
      const { code, err } = await typed(...args)
      expect(code, args.join(' ')).to.equal(2)
      expect(err).to.match(/nowhere\.yaml cannot be read[^]*\(file-unreadable\)/)
    }
  })

  it('ends as a process with the code', function () {
    this.timeout(60_000)
    const { status, stdout, stderr } = spawnSync(process.execPath, [program(), 'dance'], { encoding: 'utf8' })
    expect([status, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.include('"dance" is not known')
  })

  it('keeps its code when the reader of stdout goes away', async function () {
    this.timeout(60_000)
    const child = spawn(process.execPath, [program(), '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let errors = ''
    child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    expect([code, errors]).to.deep.equal([0, ''])
  })

  it('says that stdout cannot be written, with code 2', function () {
    this.timeout(60_000)
    if (process.platform !== 'linux') this.skip()
    const line = `"${process.execPath}" ${program()} --help > /dev/full`
    const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
    expect(status).to.equal(2)
    expect(stderr).to.match(/stdout cannot be written: ENOSPC/)
  })
})
