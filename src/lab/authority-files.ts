import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Authority } from '../pki/authority.ts'
import { readPem, type Certificate } from '../pki/certificate.ts'
import { mismatch } from '../pki/pair.ts'
import { createAuthority, type CertificatePorts } from './certificates.ts'

/** First line of every key file written here: such a file may be written again, no other. */
const marker = '# Key of a Postern lab, made by `postern certs`'

/** @throws PosternError certs-foreign-key when a key that is not ours stands at one of the places, file-unreadable */
export async function refuseForeignKeys(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const text = await readOptional(file)
    if (text === undefined || text.startsWith(marker)) continue
    const what = `${file} is a key that this command did not make; it is left as it is`
    throw new PosternError('certs-foreign-key', what, { next: 'Move it away, or name another folder with --out.' })
  }
}

/** Writes a key, whole or not at all, with mode 0600. @throws PosternError certs-foreign-key, file-unreadable, store-failed */
export async function writeKey(file: string, key: string): Promise<void> {
  await refuseForeignKeys([file])
  await writeWhole(file, `${marker}\n${key}`, 0o600)
}

/** Writes a certificate, whole or not at all. @throws PosternError store-failed */
export const writeCertificate = (file: string, pem: string): Promise<void> => writeWhole(file, pem, 0o644)

/**
 * The authority of a folder: `authority.pem` and `authority.key`; made and written when there is neither.
 * @throws PosternError file-unreadable (also when one stands there without the other, or they are no pair), file-invalid, store-failed
 */
export async function authorityIn(folder: string, ports: CertificatePorts): Promise<Authority> {
  const certificateFile = join(folder, 'authority.pem')
  const keyFile = join(folder, 'authority.key')
  const certificate = await readOptional(certificateFile)
  const key = await readOptional(keyFile)
  if (certificate !== undefined && key !== undefined) return usable(certificateFile, certificate, key, ports)
  if (certificate !== undefined) throw alone(certificateFile, keyFile)
  if (key !== undefined) throw alone(keyFile, certificateFile)
  const made = await createAuthority(ports)
  try {
    await mkdir(folder, { recursive: true })
  } catch (thrown) {
    throw notWritten(folder, thrown)
  }
  await writeKey(keyFile, made.key)
  await writeCertificate(certificateFile, made.certificate)
  return made
}

/** The authority that files hold, where it is one that can issue today. @throws PosternError file-invalid */
function usable(file: string, certificate: string, key: string, { clock }: CertificatePorts): Authority {
  const [read] = readPem([certificate])
  const name = read?.commonNames[0] ?? ''
  const fault = mismatch(certificate, key) ?? unfit(read, clock.wall())
  if (fault === undefined) return { name, certificate, key: key.slice(Math.max(0, key.indexOf('-----BEGIN'))) }
  throw new PosternError('file-invalid', `${file} and its key cannot issue certificates: ${fault}`, { next: moveAway })
}

/** What is issued names its issuer by the common name alone. */
function unfit(read: Certificate | undefined, at: number): string | undefined {
  if (read === undefined) return 'the certificate cannot be read as PEM'
  if (read.notAfter <= at) return `the certificate ran out at ${new Date(read.notAfter).toISOString()}`
  return /^CN=[^,]+$/.test(read.subject) ? undefined : `its subject "${read.subject}" is not a common name alone`
}

const moveAway = 'Put back the two that belong together, or move both away so that a new authority is made.'

const alone = (file: string, missing: string): PosternError =>
  new PosternError('file-unreadable', `${missing} is missing: ${file} stands there alone`, { next: moveAway })

const notWritten = (path: string, thrown: unknown): PosternError =>
  new PosternError('store-failed', `${path} cannot be written: ${messageOf(thrown)}`, {
    next: 'Name another folder, or make it one that may be written.',
    cause: thrown,
  })

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const growing = `${file}.new`
  try {
    await rm(growing, { force: true })
    await writeFile(growing, text, { mode, flag: 'wx' })
    await rename(growing, file)
  } catch (thrown) {
    throw notWritten(file, thrown)
  }
}

/** `undefined` when there is no such file. @throws PosternError file-unreadable */
async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw new PosternError('file-unreadable', `${file} cannot be read: ${messageOf(thrown)}`, {
      next: 'Name another folder, or see that it may be read.',
      cause: thrown,
    })
  }
}
