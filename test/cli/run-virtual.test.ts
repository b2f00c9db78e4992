import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { temporaryFolder } from '../support/stage.ts'
import { scenario, Terminal, typed } from './terminal.ts'

const unknown = ["call: { from: '+4533120100', to: '9999' }", 'refused: 404']

describe('postern run --virtual', function () {
  this.timeout(60_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let file: string
  const at = (...names: readonly string[]): string => join(folder.path, ...names)

  before(async () => {
    folder = await temporaryFolder()
    file = await scenario(folder.path, 'unknown', unknown)
  })
  after(() => folder.remove())

  for (const [args, told] of [
    ['--virtual --seed -1', /--seed -1 is not a whole number from 0 up\n {2}Give a number, as in --seed 7\./],
    ['--virtual --seed 1.5', /--seed 1\.5 is not a whole number from 0 up/],
    ['--virtual --seed soon', /--seed NaN is not a whole number from 0 up/],
    ['--seed 7', /seed[^]*virtual[^]*postern run --help/],
  ] as const) {
    it(`answers 2 to ${args}, and plays nothing`, async () => {
      const { code, out, err } = await typed('run', ...args.split(' '), '--report', at('none'))
      expect([code, out]).to.deep.equal([2, ''])
      expect(err).to.match(told)
      expect(await readdir(folder.path)).to.deep.equal(['unknown.yaml'])
    })
  }

  /** What a run says, and every file of its scenario's log by name. */
  const run = async (report: string, ...args: readonly string[]): Promise<{ out: string; logs: readonly string[] }> => {
    const terminal = new Terminal()
    const code = await terminal.type('run', file, '--virtual', '--jobs', '1', '--report', at(report), ...args)
    expect(code, terminal.stderr.text).to.equal(0)
    const names = (await readdir(at(report), { recursive: true })).filter((n) => /(?:events\.jsonl|wire\.log)$/.test(n))
    return {
      out: terminal.stdout.text,
      logs: await Promise.all(names.sort().map((n) => readFile(at(report, n), 'utf8'))),
    }
  }

  it('names its seed first, and writes the same events and the same wire log for the same seed', async () => {
    const first = await run('first', '--seed', '7')
    expect(first.out).to.match(/^Playing 1 scenario in virtual time, seed 7, each in a lab of its own\npassed {2}unk/)
    const [events, wire] = first.logs
    expect(events).to.match(/^\{[^\n]*"lab\.started"[^\n]*\n[^]*"lab\.stopped"[^\n]*\}\n$/)
    expect(wire).to.match(/^(?:\d+\.\d{3} (?:udp|tcp|tls) \S+ \S+ \d+ [0-9a-f]{16}\n)+$/)
    expect((await run('again', '--seed', '7')).logs).to.deep.equal(first.logs)
    const other = await run('other')
    expect(other.out).to.match(/^Playing 1 scenario in virtual time, seed 1,/)
    expect(other.logs[1]).to.match(/^\d/).and.not.to.equal(wire)
  })
})
