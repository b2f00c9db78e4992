import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cwd } from 'node:process'
import { expect } from 'chai'
import type { ExitCode } from '../../src/cli/exit-code.ts'
import { planText, readPlan } from '../../src/scenario/explore/plan-file.ts'
import { temporaryFolder } from '../support/stage.ts'
import { scenario, Terminal, typed } from './terminal.ts'

const unknown = ["call: { from: '+4533120100', to: '9999' }", 'refused: 404']
/** Fails by itself, whatever the network does. */
const wrong = ["call: { from: '+4533120100', to: '9999' }", 'refused: 486']
const harmless = { seed: 7, harmless: true, faults: [{ kind: 'disk', mostMs: 2 }] } as const

const count = (text: string): RegExp => new RegExp(`${text} is not a whole number`)

describe('postern explore', function () {
  this.timeout(60_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let terminal: Terminal
  const at = (...names: readonly string[]): string => join(folder.path, ...names)
  const explore = (...args: readonly string[]): Promise<ExitCode> =>
    terminal.type('explore', ...args, '--report', at('report'), '--jobs', '1')
  const written = async (name: string, text: string): Promise<string> => {
    await writeFile(at(name), text)
    return at(name)
  }
  const reports = (): Promise<readonly string[]> => readdir(at('report'))

  beforeEach(async () => {
    folder = await temporaryFolder()
    terminal = new Terminal()
  })
  afterEach(() => folder.remove())

  it('shows examples in its help, in lines no longer than a terminal of 100 columns', async () => {
    const { code, out } = await typed('explore', '--help')
    expect(code).to.equal(0)
    expect(out).to.match(/^Examples[^]*^ {2}postern explore\b[^]*--seed 4711 --runs 1[^]*--plan /m)
    for (const line of out.split('\n')) expect(line.length, line).to.be.at.most(100)
  })

  for (const [args, told] of [
    ['--runs 0', count('--runs')],
    ['--jobs 0', count('--jobs')],
    ['--seed -1', count('--seed -1')],
    ['--seed 1.5', count('--seed 1.5')],
    ['--seed soon', count('--seed NaN')],
    ['nowhere.yaml', /nowhere\.yaml cannot be read/],
    ['--plan nowhere.json', /nowhere\.json cannot be read/],
  ] as const) {
    it(`answers 2 to ${args}, and plays nothing`, async () => {
      const { code, out, err } = await typed('explore', ...args.split(' '))
      expect([code, out]).to.deep.equal([2, ''])
      expect(err).to.match(told)
    })
  }

  it('names the place of a fault in a plan', async () => {
    const plan = await written('bad.json', '{\n  "seed": 7,\n  "harmless": "no",\n  "faults": []\n}\n')
    expect(await explore('--plan', plan)).to.equal(2)
    expect(terminal.stderr.text).to.match(/bad\.json:3:15: harmless: /)
    expect(terminal.stdout.text).to.equal('')
  })

  it('answers 0 when it finds nothing, tells how far it is, and writes no folder', async () => {
    const file = await scenario(folder.path, 'unknown', unknown)
    expect(await explore(file, '--seed', '5', '--runs', '3')).to.equal(0)
    expect(terminal.stdout.text).to.match(
      /^Exploring 1 scenario in virtual time, seeds 5 to 7\n1\/3 runs, 0 found\n2\/3 runs, 0 found\n3\/3 runs, 0 found\n3 runs, 0 broken promises in \d+\.\d s\n$/,
    )
    expect(await readdir(folder.path)).to.deep.equal(['unknown.yaml'])
  })

  it('writes what it finds, says how to see it again, and answers 1; the plan shows it again', async () => {
    const file = await scenario(folder.path, 'wrong', wrong)
    const given = await written('given.json', planText(harmless))
    const plan = at('report', '7.plan.json')
    expect(await explore(file, '--plan', given)).to.equal(1)
    const lines = [
      'Exploring 1 scenario in virtual time, seed 7',
      `BROKEN  a harmless network changes nothing: seed 7 of ${file}`,
      '        the least that breaks it, 0 of 1 faults:',
      '          none: it breaks by itself',
      `        see it again: postern explore ${file} --plan ${plan}`,
    ]
    const told = terminal.stdout.text
    expect(told.split('\n')).to.include.members(lines)
    expect(told, 'a seed draws another plan').not.to.include('--seed')
    expect(told).to.match(/^1 runs, 1 broken promise in \d+\.\d s$/m)
    expect(await reports()).to.have.members(['7.plan.json', '7.events.jsonl', '7.wire.log'])
    expect(await readPlan(plan)).to.deep.equal({ ...harmless, faults: [] })
    expect(await readFile(at('report', '7.events.jsonl'), 'utf8')).to.match(
      /^\{"type":"lab\.[^]*"lab\.stopped"[^\n]*\}\n$/,
    )
    expect(await readFile(at('report', '7.wire.log'), 'utf8')).to.match(/^\d+\.\d{3} udp 127/)

    terminal = new Terminal()
    expect(await explore(file, '--plan', plan)).to.equal(1)
    const textOf = (text: string): string | undefined => text.split('\n').find((line) => line.includes('486'))
    expect(textOf(terminal.stdout.text)).to.be.a('string').and.equal(textOf(told))
  })

  it('says how to see a seed again, with paths from the working directory, and finds it again', async () => {
    const file = join(cwd(), 'test', 'scenario', 'failing', 'wrong-greeting.yaml')
    const lab = join(cwd(), 'labs', 'serve.yaml')
    terminal = new Terminal({ columns: 80 })
    // The first seed from 0 that is harmless is among these.
    expect(await explore(file, '--lab', lab, '--seed', '0', '--runs', '4')).to.equal(1)
    const { text } = terminal.stdout
    const [, command, seed] = /see it again: (postern explore \S+ --lab \S+) --seed (\d+) --runs 1\n/.exec(text) ?? []
    expect(command).to.equal('postern explore test/scenario/failing/wrong-greeting.yaml --lab labs/serve.yaml')
    expect(text).to.include(`or the least: ${command ?? ''} --plan ${at('report')}/${seed ?? ''}.plan.json\n`)
    expect(text).to.match(/\r\u001B\[KBROKEN {2}/)
  })

  it('ends at Ctrl-C, and answers 2', async () => {
    const file = await scenario(folder.path, 'unknown', unknown)
    const exploring = explore(file, '--seed', '5', '--runs', '1000')
    await terminal.stdout.until(/Exploring/)
    terminal.ctrlC()
    expect(await exploring).to.equal(2)
    expect(terminal.stdout.text).to.match(/\n[01] runs, 0 broken promises/)
  })
})
