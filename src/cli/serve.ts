import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { CommandModule } from 'yargs'
import { formatAddress } from '../kernel/address.ts'
import { authorityIn } from '../lab/authority-files.ts'
import { certificatesOf, createCertificates } from '../lab/certificates.ts'
import { controlFace } from '../lab/control.ts'
import { startLab } from '../lab/lab.ts'
import { loadLab } from '../lab/load.ts'
import { Teardown } from '../lab/teardown.ts'
import { realWorld } from '../lab/world.ts'
import { startLog } from '../report/log.ts'
import type { GlobalArguments } from './arguments.ts'
import type { ExitCode } from './main.ts'
import { serveLab } from './package.ts'

interface ServeArguments extends GlobalArguments {
  lab: string
  data: string | undefined
  certs: string | undefined
  json: boolean
}

/** `postern serve`: keeps a lab up until it is told to stop. */
export const serveCommand = (done: (code: ExitCode) => void): CommandModule<GlobalArguments, ServeArguments> => ({
  command: 'serve',
  describe: 'Keep a lab up for telephones, SBCs and scripts, until Ctrl-C or SIGTERM',
  builder: (args) =>
    args
      .option('lab', { type: 'string', default: serveLab, defaultDescription: 'labs/serve.yaml', describe: 'Lab file' })
      .option('data', {
        type: 'string',
        describe: 'Folder for mail, spool and recordings; what stands there is taken up again',
      })
      .option('certs', {
        type: 'string',
        describe: 'Folder with the authority that `postern certs` wrote; made there when missing',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'One JSON object a line on stdout, the ready line first',
      })
      .example('$0 serve', 'The embedded lab on its usual ports')
      .example('$0 serve --data ./lab-data --json', 'For a script; mail and spool survive a restart'),
  handler: async (args) => done(await serve(args)),
})

async function serve(args: ServeArguments): Promise<ExitCode> {
  const { file, sounds } = await loadLab(args.lab, process.env)
  const { certs } = args
  const certificates =
    certs === undefined
      ? await createCertificates(realWorld)
      : certificatesOf(await authorityIn(certs, realWorld), realWorld)
  const teardown = new Teardown()
  const stopped = stopSignal()
  try {
    const data = await dataFolder(args.data ?? file.data, teardown)
    const log = startLog({ verbosity: args.verbose, format: args['log-format'] })
    const lab = await startLab({ file, sounds, world: realWorld, certificates, data, watch: (bus) => log.follow(bus) })
    teardown.add(() => lab.close())
    const { bind, port } = file.control
    const control = await realWorld.hostHttp({
      at: { host: bind, port },
      handler: controlFace(lab),
      emit: lab.bus.from('control'),
    })
    teardown.add(() => control.close())
    const roles = { ...lab.roles, control: { http: formatAddress(control.local) } }
    process.stdout.write(args.json ? `${JSON.stringify({ event: 'ready', roles })}\n` : readyText(roles))
    await stopped
  } finally {
    await teardown.run()
  }
  return 0
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

async function dataFolder(wanted: string | undefined, teardown: Teardown): Promise<string> {
  if (wanted !== undefined) {
    await mkdir(wanted, { recursive: true })
    return wanted
  }
  const made = await mkdtemp(join(tmpdir(), 'postern-'))
  teardown.add(() => rm(made, { recursive: true, force: true }))
  return made
}

function readyText(roles: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const lines = Object.entries(roles).flatMap(([role, faces]) =>
    Object.entries(faces).map(([transport, address]) => `  ${role.padEnd(10)} ${transport.padEnd(6)} ${address}`),
  )
  return `The lab is up:\n${lines.join('\n')}\nCtrl-C stops it.\n`
}
