import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { CommandModule } from 'yargs'
import { authorityIn, writeKey } from '../lab/authority-files.ts'
import { certificatesOf } from '../lab/certificates.ts'
import { loadLab } from '../lab/load.ts'
import { realWorld } from '../lab/world.ts'
import type { GlobalArguments } from './arguments.ts'
import type { ExitCode } from './main.ts'
import { embeddedLab } from './package.ts'

interface CertsArguments extends GlobalArguments {
  out: string
  lab: string
}

/** `postern certs`: the lab's authority and a certificate for each role. */
export const certsCommand = (done: (code: ExitCode) => void): CommandModule<GlobalArguments, CertsArguments> => ({
  command: 'certs',
  describe: "Write the lab's certificate authority and a certificate for each role",
  builder: (args) =>
    args
      .option('out', { type: 'string', default: 'certs', describe: 'Folder to write to' })
      .option('lab', {
        type: 'string',
        default: embeddedLab,
        defaultDescription: 'labs/embedded.yaml',
        describe: 'Lab file with the host names',
      })
      .example('$0 certs', 'Writes certs/authority.pem, certs/<host>.pem and certs/<host>.key'),
  handler: async (args) => done(await certs(args)),
})

async function certs({ out, lab }: CertsArguments): Promise<ExitCode> {
  const { file } = await loadLab(lab, process.env)
  await mkdir(out, { recursive: true })
  const certificates = certificatesOf(await authorityIn(out, realWorld), realWorld)
  for (const host of [file.sbc.outside.name, file.voicemail.name, file.exchange.name]) {
    const { chain, key } = await certificates.identity(host)
    await writeKey(join(out, `${host}.key`), key)
    await writeFile(join(out, `${host}.pem`), chain)
    process.stdout.write(`${join(out, host)}.pem and .key\n`)
  }
  process.stdout.write(`${join(out, 'authority.pem')}: what a peer must trust\n`)
  return 0
}
