import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificates, type Certificates } from '../../src/lab/certificates.ts'
import { loadLab } from '../../src/lab/load.ts'
import { realWorld } from '../../src/lab/world.ts'
import type { RunEvent } from '../../src/scenario/result.ts'
import type { Stage } from '../../src/scenario/play.ts'

let certificates: Promise<Certificates> | undefined

/** One authority for all labs of a test run: keys take time to make. */
export function labCertificates(): Promise<Certificates> {
  certificates ??= createCertificates(realWorld)
  return certificates
}

/** A new folder under the system's temporary one, and its removal. */
export async function temporaryFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'postern-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** The stage that `postern run` would set: the embedded lab on real sockets. */
export async function realStage(watch?: Stage['watch']): Promise<Stage & { readonly log: RunEvent[] }> {
  const { file, sounds } = await loadLab('labs/embedded.yaml')
  const log: RunEvent[] = []
  return {
    file,
    sounds,
    world: realWorld,
    certificates: await labCertificates(),
    folder: temporaryFolder,
    emit: (event) => log.push(event),
    log,
    ...(watch === undefined ? {} : { watch }),
  }
}
