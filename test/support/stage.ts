import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificates, type Certificates } from '../../src/lab/certificates.ts'
import { loadLab } from '../../src/lab/load.ts'
import { realWorld } from '../../src/lab/world.ts'
import { findScenarios, loadScenario } from '../../src/scenario/load.ts'
import type { VirtualSet, VirtualStage } from '../../src/scenario/virtual/play.ts'
import { pooledKeys } from './keys.ts'
import { virtualSet } from '../../src/scenario/virtual/suite.ts'

let certificates: Promise<Certificates> | undefined

/** One authority for all labs of a test run on real sockets. */
export function labCertificates(): Promise<Certificates> {
  certificates ??= createCertificates({ ...realWorld, keys: pooledKeys })
  return certificates
}

/** A new folder under the system's temporary one, and its removal. */
export async function temporaryFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'postern-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

const shipped = await Promise.all((await findScenarios(['scenarios'])).map(loadScenario))
let set: Promise<VirtualSet> | undefined

/** The stage that `postern run --virtual` would set, in this thread: the embedded lab, always with the same seed. */
export async function virtualStage(): Promise<VirtualStage> {
  set ??= loadLab('labs/embedded.yaml').then(({ file, sounds }) => virtualSet(file, sounds, shipped))
  return { ...(await set), seed: 'tests', emit: () => undefined }
}
