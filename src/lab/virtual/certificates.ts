import type { Clock } from '../../kernel/clock.ts'
import { PosternError } from '../../kernel/errors.ts'
import { seededRandom } from '../../kernel/random.ts'
import type { KeyPair, KeySource } from '../../kernel/keys.ts'
import type { Identity } from '../../kernel/tls.ts'
import { seededKeys } from '../../net/seeded-keys.ts'
import { createCertificates, type CertificateFlaw, type Certificates } from '../certificates.ts'
import { flaws, type LabFile } from '../schema.ts'

/** All certificates that a lab may ask for, as plain data. */
export interface CertificateSet {
  readonly anchor: string
  readonly identities: Readonly<Record<string, Identity>>
}

const nameOf = (host: string, flaw?: CertificateFlaw): string => `${flaw ?? 'good'} ${host}`

/** By the wall ms from which they are good. */
export type CertificateSets = Readonly<Record<number, CertificateSet>>

/** Makes them beforehand, since keys take real time: always the same ones for one lab file. One set for each of `walls`. */
export async function certificatesBeforehand(file: LabFile, walls: readonly number[]): Promise<CertificateSets> {
  const keys = inOrder(seededKeys(seededRandom('virtual lab keys')))
  const sets: Record<number, CertificateSet> = {}
  for (const wall of walls) sets[wall] = await certificatesAt(file, wall, keys())
  return sets
}

/** Each call begins anew with the first key; a key is made once. */
function inOrder(make: KeySource): () => KeySource {
  const made: Promise<KeyPair>[] = []
  return () => {
    let next = 0
    return (bits) => (made[next++] ??= make(bits))
  }
}

async function certificatesAt(file: LabFile, wall: number, keys: KeySource): Promise<CertificateSet> {
  const clock: Clock = { now: () => 0, wall: () => wall, after: () => () => undefined }
  const made = await createCertificates({ keys, clock, random: seededRandom('virtual lab authority') })
  const { exchange, sbc, voicemail } = file
  const hosts = [exchange.name, `auth.${exchange.name}`, `login.${exchange.name}`, voicemail.name, sbc.outside.name]
  const identities: Record<string, Identity> = {}
  for (const host of hosts) identities[nameOf(host)] = await made.identity(host)
  for (const flaw of flaws) identities[nameOf(sbc.outside.name, flaw)] = await made.identity(sbc.outside.name, flaw)
  return { anchor: made.anchor, identities }
}

/** The certificates of a lab that starts at `wall`. @throws PosternError lab-broken when none were made for then */
export function certificatesFrom(sets: CertificateSets, wall: number): Certificates {
  const set = sets[wall]
  if (set === undefined) {
    throw new PosternError('lab-broken', `no certificates were made beforehand for ${new Date(wall).toISOString()}`)
  }
  const { anchor, identities } = set
  return {
    anchor,
    identity(host, flaw) {
      const found = identities[nameOf(host, flaw)]
      if (found !== undefined) return Promise.resolve(found)
      return Promise.reject(
        new PosternError('lab-broken', `no certificate was made beforehand for ${nameOf(host, flaw)}`),
      )
    },
  }
}
