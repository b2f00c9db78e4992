import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { serve, type Served } from '../support/served.ts'
import { temporaryFolder } from '../support/stage.ts'

const present = spawnSync('sipp', ['-v']).error === undefined

/** sipp's own `uac` scenario: INVITE, ACK, BYE; ACK and BYE go to the Request-URI. Answers its exit code, 0 when no call failed. */
async function uac(
  target: string,
  transport: 'u1' | 't1',
  folder: string,
): Promise<{ code: number | null; output: string }> {
  const options = [
    '-sn',
    'uac',
    '-s',
    '1002',
    '-t',
    transport,
    '-m',
    '20',
    '-r',
    '10',
    '-d',
    '200',
    '-i',
    '127.0.0.1',
    '-nostdin',
    '-timeout',
    '40s',
    '-timeout_error',
  ]
  const child = spawn('sipp', [target, ...options], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
  })
  let output = ''
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (output += piece.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

describe('sipp as a caller', function () {
  this.timeout(60_000)
  let lab: Served
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  before(async function () {
    if (!present) {
      this.test?.parent?.tests.forEach(
        (t) => (t.title += ' (skipped: sipp is not installed; Debian has it as sip-tester)'),
      )
      this.skip()
    }
    folder = await temporaryFolder()
    lab = await serve('--lab', 'labs/embedded.yaml')
  })

  after(async () => {
    if (!present) return
    await lab.stop()
    await folder.remove()
  })

  for (const [role, transport, option] of [
    ['pbx', 'udp', 'u1'],
    ['sbc', 'tcp', 't1'],
  ] as const) {
    it(`completes twenty calls to 1002 over ${transport.toUpperCase()} against the ${role}, none failed`, async () => {
      const { code, output } = await uac(lab.roles[role]?.[transport] ?? '', option, folder.path)
      expect(code, output.slice(-3000)).to.equal(0)
      expect(output).to.match(/Successful call\s*\|\s*\d+\s*\|\s*20\b/)
    })
  }
})
