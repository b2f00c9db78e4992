import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { X509Certificate } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ManualClock } from '../../src/kernel/clock.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { KeySource } from '../../src/kernel/keys.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { authorityIn, writeKey } from '../../src/lab/authority-files.ts'
import {
  certificatesOf,
  createAuthority,
  createCertificates,
  type CertificatePorts,
} from '../../src/lab/certificates.ts'
import { pooledKeys } from '../support/keys.ts'

const clock = new ManualClock(Date.UTC(2026, 5, 1))
const day = 86_400_000

/** Keys, counted. */
function ports(): CertificatePorts & { made: () => number } {
  let made = 0
  const keys: KeySource = (bits) => {
    made++
    return pooledKeys(bits)
  }
  return { keys, clock, random: seededRandom('certificates'), made: () => made }
}

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => error,
  )

describe('the certificates of a lab', function () {
  this.slow(5000)

  it('are issued by its authority for a host, good now, with a key of their own', async () => {
    const certificates = await createCertificates(ports())
    const { chain, key } = await certificates.identity('sbc.edge.test')
    const [leaf, authority] = [new X509Certificate(chain), new X509Certificate(certificates.anchor)]
    expect(leaf.verify(authority.publicKey)).to.equal(true)
    expect(leaf.subjectAltName).to.include('DNS:sbc.edge.test').and.to.include('URI:sip:sbc.edge.test')
    expect(Date.parse(leaf.validFrom)).to.equal(clock.wall() - day)
    expect(Date.parse(leaf.validTo)).to.equal(clock.wall() + 365 * day)
    expect(key).to.match(/^-----BEGIN (?:RSA )?PRIVATE KEY-----/)
    expect(BigInt(`0x${leaf.serialNumber}`) > 0n).to.equal(true)
  })

  it('are the same for a host each time, also when asked for at once; a flawed one keeps the key', async () => {
    const given = ports()
    const certificates = await createCertificates(given)
    const [one, two] = await Promise.all([certificates.identity('a.test'), certificates.identity('a.test')])
    const expired = await certificates.identity('a.test', 'expired')
    expect(one).to.equal(two)
    expect(expired.key).to.equal(one.key)
    expect(given.made()).to.equal(2)
    expect(Date.parse(new X509Certificate(expired.chain).validTo)).to.be.below(clock.wall())
  })

  it('with a wrong name do not name their host', async () => {
    const certificates = await createCertificates(ports())
    const { chain } = await certificates.identity('sbc.edge.test', 'wrong-name')
    expect(new X509Certificate(chain).subjectAltName).not.to.include('sbc.edge.test')
  })
})

describe('the authority of a folder', function () {
  this.slow(5000)
  let folder = ''
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'postern-'))))
  afterEach(() => rm(folder, { recursive: true }))

  it('is made once, and found again, good to issue', async () => {
    const given = ports()
    const inner = join(folder, 'deep', 'certs')
    const made = await authorityIn(inner, given)
    const found = await authorityIn(inner, given)
    expect([found.certificate, found.key, given.made()]).to.deep.equal([made.certificate, made.key, 1])
    const { chain } = await certificatesOf(found, given).identity('a.test')
    expect(new X509Certificate(chain).verify(new X509Certificate(made.certificate).publicKey)).to.equal(true)
  })

  it('has a key that only its owner reads', async () => {
    await authorityIn(folder, ports())
    expect((await stat(join(folder, 'authority.key'))).mode & 0o777).to.equal(0o600)
  })

  it('may be one brought along', async () => {
    const own = await createAuthority(ports())
    await writeFile(join(folder, 'authority.pem'), own.certificate)
    await writeFile(join(folder, 'authority.key'), own.key)
    expect(await authorityIn(folder, ports())).to.deep.include({ certificate: own.certificate, key: own.key })
  })

  it('is not made anew where one half stands alone, and a key that is not ours is left as it is', async () => {
    await writeFile(join(folder, 'authority.pem'), 'a certificate')
    const alone = await thrownBy(authorityIn(folder, ports()))
    expect(alone).to.be.instanceOf(PosternError).with.property('code', 'file-unreadable')
    expect(await readFile(join(folder, 'authority.pem'), 'utf8')).to.equal('a certificate')
    await rm(join(folder, 'authority.pem'))
    await writeFile(join(folder, 'authority.key'), 'a key')
    expect(await thrownBy(authorityIn(folder, ports()))).to.have.property('code', 'file-unreadable')
    expect(await thrownBy(writeKey(join(folder, 'authority.key'), 'ours'))).to.have.property(
      'code',
      'certs-foreign-key',
    )
    expect(await readFile(join(folder, 'authority.key'), 'utf8')).to.equal('a key')
  })

  it('says so when a file cannot be read, and does not take it for missing', async () => {
    const thrown = await thrownBy(writeKey(folder, 'key'))
    expect(thrown).to.have.property('code', 'file-unreadable')
  })

  it('writes a key over one of its own, and closes it to others again', async () => {
    const file = join(folder, 'a.key')
    await writeKey(file, 'one')
    await writeFile(file, await readFile(file), { mode: 0o644 })
    await writeKey(file, 'two')
    expect(await readFile(file, 'utf8')).to.match(/^# .*\ntwo$/)
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
  })
})
