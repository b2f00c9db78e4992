import type { Clock } from '../kernel/clock.ts'
import type { KeyPair, KeySource } from '../kernel/keys.ts'
import type { Random } from '../kernel/random.ts'
import type { Identity } from '../kernel/tls.ts'
import { issue, makeAuthority, type Authority } from '../pki/authority.ts'
import { issueFlawed, type Flaw } from '../pki/flaws.ts'

export type CertificateFlaw = Extract<Flaw, 'expired' | 'wrong-name'>

/** A lab's certificate authority and what it issues. Making keys takes time, so labs of one process share it. */
export interface Certificates {
  /** PEM certificate of the authority. */
  readonly anchor: string
  /** A certificate for a host name, for both sides of a TLS connection; the same each time. */
  identity(host: string, flaw?: CertificateFlaw): Promise<Identity>
}

const day = 86_400_000

export interface CertificatePorts {
  readonly keys: KeySource
  readonly clock: Clock
  readonly random: Random
}

/** Makes an authority; leaf certificates are made when first asked for. */
export async function createCertificates(ports: CertificatePorts): Promise<Certificates> {
  return certificatesOf(await createAuthority(ports), ports)
}

export async function createAuthority(ports: CertificatePorts): Promise<Authority> {
  const serial = ports.random.bytes(16)
  return makeAuthority({ name: 'Postern lab authority', keys: await ports.keys(2048), at: ports.clock.wall(), serial })
}

/** The certificates of an authority that stands already. */
export function certificatesOf(authority: Authority, ports: CertificatePorts): Certificates {
  const made = new Map<string, Promise<Identity>>()
  const keyPairs = new Map<string, Promise<KeyPair>>()
  const keysOf = (host: string): Promise<KeyPair> => {
    const known = keyPairs.get(host) ?? ports.keys(2048)
    keyPairs.set(host, known)
    return known
  }
  const make = async (host: string, flaw: CertificateFlaw | undefined): Promise<Identity> => {
    const at = ports.clock.wall()
    const order = {
      subject: host,
      dns: [host],
      uris: [`sip:${host}`],
      keys: await keysOf(host),
      notBefore: at - day,
      notAfter: at + 365 * day,
      usage: ['serverAuth', 'clientAuth'] as const,
      serial: ports.random.bytes(16),
    }
    return flaw === undefined ? issue(authority, order) : issueFlawed(flaw, authority, order)
  }
  return {
    anchor: authority.certificate,
    identity(host, flaw) {
      const name = `${flaw ?? 'good'} ${host}`
      const known = made.get(name) ?? make(host, flaw)
      made.set(name, known)
      return known
    },
  }
}
