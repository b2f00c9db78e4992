import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Authority } from '../pki/authority.ts'
import { createAuthority, type CertificatePorts } from './certificates.ts'

/** First line of every key file written here: such a file may be written again, no other. */
const marker = '# Key of a Postern lab, made by `postern certs`'

/** Writes a key with mode 0600. @throws PosternError certs-foreign-key when a key that is not ours stands there */
export async function writeKey(file: string, key: string): Promise<void> {
  const text = await readOptional(file)
  if (text !== undefined && !text.startsWith(marker)) {
    throw new PosternError(
      'certs-foreign-key',
      `${file} is a key that this command did not make; it is left as it is`,
      {
        next: 'Move it away, or name another folder with --out.',
      },
    )
  }
  await writeFile(file, `${marker}\n${key}`, { mode: 0o600 })
  await chmod(file, 0o600)
}

/**
 * The authority of a folder: `authority.pem` and `authority.key`; made and written when there is none yet.
 * @throws PosternError certs-foreign-key, file-unreadable (also when a certificate stands there without its key)
 */
export async function authorityIn(folder: string, ports: CertificatePorts): Promise<Authority> {
  const certificate = await readOptional(join(folder, 'authority.pem'))
  const key = await readOptional(join(folder, 'authority.key'))
  if (certificate !== undefined && key !== undefined) {
    return { name: 'Postern lab authority', certificate, key: key.slice(Math.max(0, key.indexOf('-----BEGIN'))) }
  }
  if (certificate !== undefined) {
    throw new PosternError(
      'file-unreadable',
      `${join(folder, 'authority.key')} is missing: its certificate stands there alone`,
      {
        next: 'Put the key back, or move authority.pem away so that a new authority is made.',
      },
    )
  }
  const made = await createAuthority(ports)
  await mkdir(folder, { recursive: true })
  await writeKey(join(folder, 'authority.key'), made.key)
  await writeFile(join(folder, 'authority.pem'), made.certificate)
  return made
}

/** `undefined` when there is no such file. @throws PosternError file-unreadable */
async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw new PosternError('file-unreadable', `${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown })
  }
}
