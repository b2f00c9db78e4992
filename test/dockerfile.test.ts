import { execFile, spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { checkText } from '../src/lab/document.ts'
import { labSchema, type LabFile } from '../src/lab/schema.ts'
import { all, argv, copy, copyContext, giveTo, readDockerfile, type Stage } from './support/dockerfile.ts'
import { writeQuickSounds } from './support/quick-lab.ts'

const [build, final] = readDockerfile(readFileSync('Dockerfile', 'utf8')) as readonly [Stage, Stage]
const containerLab = (environment: Record<string, string> = {}): LabFile =>
  checkText(readFileSync('labs/container.yaml', 'utf8'), 'labs/container.yaml', labSchema, environment).value

/** Every address the lab listens on, as `udp 0.0.0.0:5060`. */
function listeners({ pbx, sbc, voicemail, exchange, control }: LabFile): readonly string[] {
  const stations = [pbx, sbc.inside, sbc.outside, voicemail, exchange, { ...control, ports: { http: control.port } }]
  return stations.flatMap(({ bind, ports }) =>
    Object.entries(ports).map(([name, port]) => `${name === 'udp' ? 'udp' : 'tcp'} ${bind}:${port}`),
  )
}

describe('labs/container.yaml', () => {
  for (const environment of [{}, { POSTERN_BIND: '127.0.30.1', POSTERN_CONTROL_BIND: '127.0.30.1' }]) {
    const where = Object.keys(environment).length === 0 ? 'all addresses' : 'one address'
    it(`lets every role listen on ${where} without two on one port`, () => {
      const taken = listeners(containerLab(environment)).map((l) => l.replace('127.0.0.1', '0.0.0.0'))
      expect(new Set(taken).size, taken.join(', ')).to.equal(taken.length)
      expect(taken.filter((l) => l.endsWith(':0'))).to.deep.equal([])
    })

    it(`lets the roles find one another on ${where}`, () => {
      const { pbx, sbc, voicemail, exchange, hosts } = containerLab(environment)
      for (const { name, bind } of [pbx, sbc.inside, sbc.outside, voicemail, exchange]) {
        expect(hosts[name], name).to.equal(bind === '0.0.0.0' ? '127.0.0.1' : bind)
      }
    })
  }

  it('gives each side its own range of media ports', () => {
    const { pbx, sbc, voicemail } = containerLab()
    const ranges = [pbx, sbc.inside, sbc.outside, voicemail].map(({ media: [first = 0, last = 0] = [] }) => ({
      first,
      last,
    }))
    const inOrder = ranges.sort((a, b) => a.first - b.first)
    for (const [i, { first, last }] of inOrder.entries()) {
      expect(first).to.be.greaterThan(inOrder[i - 1]?.last ?? 0)
      expect(last).to.be.greaterThan(first)
    }
  })

  it('listens on every port that the Dockerfile exposes', () => {
    const taken = listeners(containerLab()).map((l) => l.replace(/^(\w+) .*:(\d+)$/, '$2/$1'))
    expect(taken).to.include.members(all(final, 'EXPOSE').join(' ').split(/\s+/))
  })
})

/** A user without rights, as the Dockerfile's USER. */
const nobody = Number(all(final, 'USER')[0]?.split(':')[0])
const host = '127.0.30.1'
const control = `http://${host}:8080`

/** How this machine reaches a package registry: the rest of our environment is not the image's. */
const network = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(?:NODE_EXTRA_CA_CERTS|(?:https?|no)_proxy|npm_config_registry)$/i.test(name),
  ),
)

/** What npm has fetched before: the image's user has a copy of it, so that not all comes over the network again. */
const packageCache = join(process.env['npm_config_cache'] ?? join(homedir(), '.npm'), '_cacache')

/** What is said in the container is short, and so is the silence that ends a message. */
async function shortSounds(context: string): Promise<void> {
  await writeQuickSounds(join(context, 'scenarios', 'audio'), 2000)
  const lab = join(context, 'labs', 'container.yaml')
  writeFileSync(lab, readFileSync(lab, 'utf8').replace('silence: 3s', 'silence: 1s'))
}

/** Reads what the lab says on its control face until that event has come. */
async function eventOf(type: string, signal: AbortSignal): Promise<void> {
  const { body } = await fetch(`${control}/events`, { signal })
  let text = ''
  for await (const piece of body ?? []) {
    text += Buffer.from(piece as Uint8Array).toString('utf8')
    if (text.includes(`event: ${type}\n`)) return
  }
}

describe('Dockerfile, carried out in a temporary folder', function () {
  this.timeout(300_000)
  this.bail(true)
  let folder: string
  let data: string
  let app: string
  let environment: NodeJS.ProcessEnv
  let served: ChildProcess | undefined
  let ended: Promise<unknown[]>

  const as = (id: number, cwd: string): { uid: number; gid: number; cwd: string; env: NodeJS.ProcessEnv } => ({
    uid: id,
    gid: id,
    cwd,
    env: environment,
  })
  const local = (text: string): string => text.replaceAll('/data', data)
  const run = (command: string, args: readonly string[], id: number, cwd: string): SpawnSyncReturns<string> =>
    spawnSync(command, args.map(local), { ...as(id, cwd), encoding: 'utf8' })
  const healthy = (): number | null => {
    const [command = '', ...args] = argv(all(final, 'HEALTHCHECK')[0] ?? '')
    return run(command, args, nobody, app).status
  }

  before(async function () {
    if (process.getuid?.() !== 0) {
      process.stdout.write('    not root, so no other user can be taken: the Dockerfile is not carried out\n')
      this.skip()
    }
    folder = mkdtempSync(join(tmpdir(), 'postern-image-'))
    data = join(folder, 'data')
    app = join(folder, 'final', all(final, 'WORKDIR')[0] ?? '')
    for (const name of ['bin', 'home', 'build', 'final']) mkdirSync(join(folder, name))
    cpSync(process.execPath, join(folder, 'bin', 'node'))
    environment = {
      ...network,
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: join(folder, 'home'),
      npm_config_prefer_offline: 'true',
      POSTERN_BIND: host,
      POSTERN_ADVERTISE: host,
      POSTERN_ADVERTISE_OUTSIDE: host,
      POSTERN_CONTROL_BIND: host,
    }
    copyContext('.', join(folder, 'context'))
    await shortSounds(join(folder, 'context'))
    if (existsSync(packageCache)) cpSync(packageCache, join(folder, 'home', '.npm', '_cacache'), { recursive: true })
  })

  after(() => {
    if (served?.pid !== undefined && served.exitCode === null) served.kill('SIGKILL')
    if (process.getuid?.() === 0) rmSync(folder, { recursive: true, force: true })
  })

  /** Carries out the COPY and RUN lines of a stage in their order. */
  function carryOut(stage: Stage, root: string, id: number): void {
    const workdir = all(stage, 'WORKDIR')[0] ?? '/'
    const sources = (from: string | undefined): string => join(folder, from ?? 'context')
    mkdirSync(join(root, workdir), { recursive: true })
    for (const { word, rest } of stage.instructions) {
      if (word === 'COPY') copy(rest, sources, root, workdir)
      if (word !== 'RUN') continue
      if (id !== 0) giveTo(id, folder)
      const here = join(root, workdir)
      const { status, stdout, stderr } = run('sh', ['-c', rest], id, here)
      if (
        status !== 0 &&
        rest.startsWith('npm ci') &&
        /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT)\b/.test(stderr)
      ) {
        process.stdout.write('      no package registry answers: node_modules is copied in place of npm ci\n')
        cpSync('node_modules', join(here, 'node_modules'), { recursive: true, verbatimSymlinks: true })
        giveTo(id, here)
      } else expect(status, `${rest}\n${stdout}${stderr}`).to.equal(0)
    }
  }

  it('builds as a user without rights, from what its COPY lines name', () => {
    carryOut(build, join(folder, build.name), nobody)
  })

  it('assembles the image', () => {
    carryOut(final, join(folder, 'final'), 0)
  })

  it('serves the container lab as that user, says that it is ready, and is healthy', async () => {
    const [command = '', ...args] = argv(all(final, 'CMD')[0] ?? '').map(local)
    expect(healthy()).to.equal(1)
    served = spawn(command, args, { ...as(nobody, app), stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    ended = once(served, 'exit')
    const first = once(createInterface({ input: served.stdout ?? process.stdin }), 'line')
    const [line] = (await Promise.race([first, ended])) as [unknown]
    const ready = JSON.parse(String(line)) as unknown
    expect(ready).to.nested.include({
      event: 'ready',
      'roles.pbx.udp': `${host}:5060`,
      'roles.control.http': `${host}:8080`,
    })
    expect(healthy()).to.equal(0)
  })

  it('takes a message there from a caller', async () => {
    const said = ['--say', 'scenarios/audio/message-anna.wav', '--for', '20']
    const call = [
      'bin/postern.js',
      'call',
      `sip:1003@${host}:5060`,
      '--bind',
      host,
      '--from',
      'sip:4533120100@phone.test',
    ]
    const reading = new AbortController()
    try {
      const delivered = eventOf('mail.delivered', reading.signal)
      const called = promisify(execFile)('node', [...call, ...said], as(nobody, app))
      const [{ stdout }] = await Promise.all([called, delivered])
      expect(stdout)
        .to.include('greeting-standard-1003')
        .and.to.match(/tone of \d+ Hz/)
    } finally {
      reading.abort()
    }
    const { mails } = (await (await fetch(`${control}/mailboxes/1003`)).json()) as {
      mails: { kind: string; caller: string }[]
    }
    expect(mails.map(({ kind, caller }) => ({ kind, caller }))).to.deep.equal([{ kind: 'voice', caller: '4533120100' }])
  })

  it('ends at SIGTERM with exit code 0, and leaves no process behind', async () => {
    served?.kill('SIGTERM')
    expect(await ended).to.deep.equal([0, null])
    expect(() => process.kill(-(served?.pid ?? 0), 0)).to.throw('ESRCH')
    expect(healthy()).to.equal(1)
  })
})
