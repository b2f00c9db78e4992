import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { expect } from 'chai'
import { temporaryFolder } from '../support/stage.ts'

/** Stands for npm and for the compiler: writes down that it ran, then does as much of their work as is looked at. */
const npm = `#!/bin/sh
echo "npm $*" >> ran.txt
mkdir -p node_modules && touch node_modules/.package-lock.json
`
const compiler = `import { appendFileSync, mkdirSync, existsSync, writeFileSync } from 'node:fs'
appendFileSync('ran.txt', 'tsc\\n')
mkdirSync('dist/cli', { recursive: true })
writeFileSync('dist/cli/main.js', '')
if (!existsSync('dist/.tsbuildinfo')) writeFileSync('dist/.tsbuildinfo', '')
process.exitCode = existsSync('src/faulty.ts') ? 1 : 0
`

describe('making a clone ready', function () {
  this.timeout(20_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  const at = (...names: readonly string[]): string => join(folder.path, ...names)
  const write = async (name: string, text = ''): Promise<void> => {
    await mkdir(join(at(name), '..'), { recursive: true })
    await writeFile(at(name), text)
  }
  const args = (): readonly string[] => [at('scripts', 'ready.js'), '--build']
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    PATH: `${at('bin')}${delimiter}${process.env['PATH'] ?? ''}`,
  })
  const ready = () => spawnSync(process.execPath, args(), { env: env(), encoding: 'utf8' })
  const ran = async (): Promise<readonly string[]> =>
    (await readFile(at('ran.txt'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
  const date = (name: string, minutes: number): Promise<void> =>
    utimes(at(name), Date.now() / 1000 + 60 * minutes, Date.now() / 1000 + 60 * minutes)

  beforeEach(async () => {
    folder = await temporaryFolder()
    await cp('scripts/ready.js', at('scripts', 'ready.js'), { recursive: true })
    await write('package.json', '{ "type": "module" }')
    await write('package-lock.json')
    await write('src/cli/main.ts')
    await write('bin/npm', npm)
    await chmod(at('bin', 'npm'), 0o755)
    await write('node_modules/typescript/bin/tsc', compiler)
    await write('node_modules/typescript/package.json', '{ "type": "module" }')
    for (const name of ['package-lock.json', 'src/cli/main.ts', 'src/cli', 'src']) await date(name, -10)
  })
  afterEach(() => folder.remove())

  it('installs the lock and builds the first time, and does nothing the second', async () => {
    const first = ready()
    expect([first.status, first.stdout]).to.deep.equal([0, ''])
    expect(first.stderr).to.match(/installing the locked dependencies[^]*building/)
    expect(await ran()).to.deep.equal(['npm ci --no-audit --no-fund --loglevel=error', 'tsc'])
    const second = ready()
    expect([second.status, second.stderr]).to.deep.equal([0, ''])
    expect(await ran()).to.have.length(2)
  })

  it('installs again when the lock is newer, and builds again when a source is, once each', async () => {
    ready()
    await date('node_modules/.package-lock.json', -20)
    expect(ready().stderr).to.include('installing').and.not.include('building')
    for (const name of ['dist/.tsbuildinfo']) await date(name, -20)
    expect(ready().stderr).to.include('building').and.not.include('installing')
    expect(ready().stderr, 'though the compiler found nothing to write').to.equal('')
  })

  it('builds again when a source was taken away', async () => {
    ready()
    await date('dist/.tsbuildinfo', -5)
    await date('src/cli', -4)
    expect(ready().stderr).to.include('building')
  })

  it('never takes a failed build for one', async () => {
    await write('src/faulty.ts')
    for (let time = 1; time <= 2; time++) {
      const { status, stderr } = ready()
      expect(status).to.equal(2)
      expect(stderr).to.match(/"[^"]*tsc -p tsconfig\.build\.json" failed: exit code 1/)
    }
  })

  it('does its work once for commands that begin together', async () => {
    const both = [1, 2].map(() => spawn(process.execPath, args(), { env: env(), stdio: 'ignore' }))
    const codes = await Promise.all(both.map((child) => once(child, 'exit')))
    expect(codes.map(([code]) => code as unknown)).to.deep.equal([0, 0])
    expect(await ran()).to.have.length(2)
  })

  it('goes on where a command was killed', async () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    await write('dist/.ready/pid', String(pid))
    expect(ready().status).to.equal(0)
    expect(await ran()).to.have.length(2)
  })

  it('needs no sources where the package came built', async () => {
    ready()
    await cp(at('dist'), at('built', 'dist'), { recursive: true })
    await cp(at('scripts'), at('built', 'scripts'), { recursive: true })
    const { status, stderr } = spawnSync(process.execPath, [at('built', 'scripts', 'ready.js'), '--build'], {
      encoding: 'utf8',
    })
    expect([status, stderr]).to.deep.equal([0, ''])
  })
})
