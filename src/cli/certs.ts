import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { authorityIn, refuseForeignKeys, writeCertificate, writeKey } from '../lab/authority-files.ts'
import { certificatesOf } from '../lab/certificates.ts'
import { loadLab } from '../lab/load.ts'
import { realWorld } from '../lab/world.ts'
import type { Chosen, GlobalArguments } from './arguments.ts'
import type { ExitCode } from './exit-code.ts'
import { ensureFolder } from './folders.ts'
import { embeddedLab } from './package.ts'
import type { Shell } from './shell.ts'

interface CertsArguments extends GlobalArguments {
  out: string
  lab: string
}

/** `postern certs`: the lab's authority and a certificate for each role. */
export const certsCommand = (choose: Chosen): CommandModule<GlobalArguments, CertsArguments> => ({
  command: 'certs',
  describe: "Write the lab's certificate authority and a certificate for each role",
  builder: (args) =>
    args
      .option('out', { type: 'string', requiresArg: true, default: 'certs', describe: 'Folder to write to' })
      .option('lab', {
        type: 'string',
        requiresArg: true,
        default: embeddedLab,
        defaultDescription: 'labs/embedded.yaml',
        describe: 'Lab file with the host names',
      })
      .epilogue(
        `Examples:
  postern certs
      Write certs/authority.pem, and certs/<host>.pem and .key of each role. Again: the authority
      stays, the rest is renewed. A key that this command did not make is never written over.
  postern certs --out site-certs --lab site.yaml
      The same for the host names of a lab file of your own
  postern serve --certs certs
      Serve a lab with certificates of that authority`,
      ),
  handler: (args) => choose((shell) => certs(args, shell)),
})

async function certs({ out, lab }: CertsArguments, shell: Shell): Promise<ExitCode> {
  const { file } = await loadLab(lab, shell.environment)
  const hosts = [...new Set([file.sbc.outside.name, file.voicemail.name, file.exchange.name])]
  await ensureFolder(out, 'out')
  await refuseForeignKeys(hosts.map((host) => join(out, `${host}.key`)))
  const certificates = certificatesOf(await authorityIn(out, realWorld), realWorld)
  for (const host of hosts) {
    const { chain, key } = await certificates.identity(host)
    await writeKey(join(out, `${host}.key`), key)
    await writeCertificate(join(out, `${host}.pem`), chain)
    shell.stdout.write(`${join(out, host)}.pem and .key\n`)
  }
  shell.stdout.write(`${join(out, 'authority.pem')}: what a peer must trust\n`)
  return 0
}
