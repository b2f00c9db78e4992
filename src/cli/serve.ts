import type { CommandModule } from 'yargs'
import { formatAddress } from '../kernel/address.ts'
import { authorityIn } from '../lab/authority-files.ts'
import { certificatesOf, createCertificates } from '../lab/certificates.ts'
import { controlFace } from '../lab/control.ts'
import type { RoleAddresses } from '../lab/events.ts'
import { startLab } from '../lab/lab.ts'
import { loadLab } from '../lab/load.ts'
import { Teardown } from '../lab/teardown.ts'
import { realWorld } from '../lab/world.ts'
import { startLog } from '../report/log.ts'
import type { Chosen, GlobalArguments } from './arguments.ts'
import type { ExitCode } from './exit-code.ts'
import { ensureFolder, temporaryFolder } from './folders.ts'
import { serveLab } from './package.ts'
import type { Shell } from './shell.ts'

interface ServeArguments extends GlobalArguments {
  lab: string
  data: string | undefined
  certs: string | undefined
  json: boolean | undefined
}

/** `postern serve`: keeps a lab up until it is told to stop. */
export const serveCommand = (choose: Chosen): CommandModule<GlobalArguments, ServeArguments> => ({
  command: 'serve',
  describe: 'Keep a lab up for telephones, SBCs and scripts, until Ctrl-C or SIGTERM',
  builder: (args) =>
    args
      .option('lab', {
        type: 'string',
        requiresArg: true,
        default: serveLab,
        defaultDescription: 'labs/serve.yaml',
        describe: 'Lab file',
      })
      .option('data', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder for mail, spool and recordings; what stands there is taken up again',
      })
      .option('certs', {
        type: 'string',
        requiresArg: true,
        describe: 'Folder with the authority that `postern certs` wrote; made there when missing',
      })
      .option('json', {
        type: 'boolean',
        describe: 'Print {"event":"ready","roles":{…}} with every address as the first line of stdout',
      })
      .epilogue(
        `Examples:
  postern serve
      The embedded lab on its usual ports
  postern serve --lab labs/embedded.yaml
      The same on free ports, beside another lab
  postern serve --data lab-data --certs certs --json
      For a script; mail, spool and authority survive a restart`,
      ),
  handler: (args) => choose((shell) => serve(args, shell)),
})

async function serve(args: ServeArguments, shell: Shell): Promise<ExitCode> {
  const { file, sounds } = await loadLab(args.lab, shell.environment)
  const { certs } = args
  const certificates =
    certs === undefined
      ? await createCertificates(realWorld)
      : certificatesOf(await authorityIn(certs, realWorld), realWorld)
  const teardown = new Teardown()
  const stop = shell.interruption()
  try {
    const data = await dataFolder(args.data ?? file.data, teardown)
    const log = startLog({ verbosity: args.verbose, format: args['log-format'], stream: shell.stderr })
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
    const answers = file.extensions.find((e) => e.phone === 'answers') ?? file.extensions[0]
    shell.stdout.write(
      args.json === true ? `${JSON.stringify({ event: 'ready', roles })}\n` : readyText(roles, answers?.number ?? ''),
    )
    await aborted(stop)
    if (args.json !== true) shell.stdout.write('Stopping the lab; once more ends it at once.\n')
  } finally {
    await teardown.run()
  }
  return 0
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

async function dataFolder(wanted: string | undefined, teardown: Teardown): Promise<string> {
  if (wanted !== undefined) {
    await ensureFolder(wanted, 'data')
    return wanted
  }
  const made = await temporaryFolder()
  teardown.add(() => made.remove())
  return made.path
}

function readyText(roles: RoleAddresses, number: string): string {
  const lines = Object.entries(roles).flatMap(([role, faces]) =>
    Object.entries(faces).map(([transport, address]) => `  ${role.padEnd(10)} ${transport.padEnd(6)} ${address}`),
  )
  const { pbx = {}, control = {} } = roles
  return `The lab is up:
${lines.join('\n')}
Try in another terminal:
  postern call sip:${number}@${pbx['udp'] ?? ''}
  curl http://${control['http'] ?? ''}/
Ctrl-C stops the lab.
`
}
