import type { Clock } from '../../kernel/clock.ts'
import { PosternError } from '../../kernel/errors.ts'
import { seededRandom } from '../../kernel/random.ts'
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

/** Makes them beforehand, since keys take real time: always the same ones for the same lab file and `wall`, the ms from which they are good. */
export async function certificatesBeforehand(file: LabFile, wall: number): Promise<CertificateSet> {
  const random = seededRandom('virtual lab authority')
  const clock: Clock = { now: () => 0, wall: () => wall, after: () => () => undefined }
  const made = await createCertificates({ keys: seededKeys(random), clock, random })
  const { exchange, sbc, voicemail } = file
  const hosts = [exchange.name, `auth.${exchange.name}`, `login.${exchange.name}`, voicemail.name, sbc.outside.name]
  const identities: Record<string, Identity> = {}
  for (const host of hosts) identities[nameOf(host)] = await made.identity(host)
  for (const flaw of flaws) identities[nameOf(sbc.outside.name, flaw)] = await made.identity(sbc.outside.name, flaw)
  return { anchor: made.anchor, identities }
}

export function certificatesFrom({ anchor, identities }: CertificateSet): Certificates {
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
