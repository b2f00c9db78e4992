import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeAuthority } from '../../src/pki/authority.ts'
import { readCertificate } from '../../src/pki/certificate.ts'
import { mismatch } from '../../src/pki/pair.ts'
import { pooledKeys } from '../support/keys.ts'
import { temporaryFolder } from '../support/stage.ts'
import { typed } from './terminal.ts'

const hosts = ['exchange.edge.test', 'sbc.edge.test', 'voicemail.edge.test']

describe('postern certs', function () {
  this.timeout(30_000)

  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  const out = (...names: readonly string[]): string => join(folder.path, 'certs', ...names)
  const read = (name: string): Promise<string> => readFile(out(name), 'utf8')
  const certs = (): ReturnType<typeof typed> => typed('certs', '--out', out())
  const modeOf = async (name: string): Promise<number> => (await stat(out(name))).mode & 0o777

  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('writes an authority and a certificate of it for each role, and names the files', async () => {
    const { code, out: told, err } = await certs()
    expect([code, err]).to.deep.equal([0, ''])
    const names = [...hosts, 'authority'].flatMap((n) => [`${n}.key`, `${n}.pem`]).sort()
    expect(await readdir(out())).to.have.members(names)
    for (const host of hosts) expect(told).to.include(`${out(host)}.pem and .key`)
    const authority = readCertificate(await read('authority.pem'))?.x509
    for (const host of hosts) {
      const certificate = readCertificate(await read(`${host}.pem`))
      expect(certificate?.alternative?.dns).to.deep.equal([host])
      expect(authority && certificate?.x509.verify(authority.publicKey)).to.equal(true)
      expect(mismatch(await read(`${host}.pem`), await read(`${host}.key`))).to.equal(undefined)
    }
  })

  it('gives every key mode 0600, also one that had another', async () => {
    await certs()
    await chmod(out('sbc.edge.test.key'), 0o644)
    await certs()
    for (const name of ['authority', ...hosts]) expect(await modeOf(`${name}.key`), name).to.equal(0o600)
  })

  it('keeps the authority when it runs again, and renews the rest', async () => {
    await certs()
    const before = [await read('authority.pem'), await read('authority.key'), await read('sbc.edge.test.pem')]
    expect((await certs()).code).to.equal(0)
    expect(await read('authority.pem')).to.equal(before[0])
    expect(await read('authority.key')).to.equal(before[1])
    expect(await read('sbc.edge.test.pem')).not.to.equal(before[2])
  })

  it('writes nothing when one of the keys is not its own', async () => {
    await mkdir(out())
    await writeFile(out('voicemail.edge.test.key'), 'a key of somebody')
    const { code, err } = await certs()
    expect(code).to.equal(2)
    expect(err).to.match(/voicemail\.edge\.test\.key is a key that this command did not make.*\n {2}Move it away/)
    expect(await readdir(out())).to.deep.equal(['voicemail.edge.test.key'])
    expect(await read('voicemail.edge.test.key')).to.equal('a key of somebody')
  })

  for (const [gone, left] of [
    ['authority.key', 'authority.pem'],
    ['authority.pem', 'authority.key'],
  ] as const) {
    it(`makes no other authority when ${gone} is missing`, async () => {
      await certs()
      const before = await read(left)
      await rm(out(gone))
      const { code, err } = await certs()
      expect(code).to.equal(2)
      expect(err).to.match(new RegExp(`${gone.replace('.', '\\.')} is missing[^]*Put back[^]*\\(file-unreadable\\)`))
      expect(await read(left)).to.equal(before)
    })
  }

  it('issues from an authority of somebody else, and leaves its key as it is', async () => {
    await mkdir(out())
    const order = { name: 'Acme lab', keys: await pooledKeys(2048), at: Date.now(), serial: new Uint8Array([7]) }
    const { certificate, key } = makeAuthority(order)
    await writeFile(out('authority.pem'), certificate)
    await writeFile(out('authority.key'), key)
    expect((await certs()).code).to.equal(0)
    expect(readCertificate(await read('sbc.edge.test.pem'))?.issuer).to.equal('CN=Acme lab')
    expect(await read('authority.key')).to.equal(key)
  })

  it('refuses an authority that has run out, or whose key is another', async () => {
    await mkdir(out())
    const keys = await pooledKeys(2048)
    const old = makeAuthority({ name: 'Old', keys, at: Date.UTC(2001, 0, 1), years: 1, serial: new Uint8Array([7]) })
    await writeFile(out('authority.pem'), old.certificate)
    await writeFile(out('authority.key'), old.key)
    expect((await certs()).err).to.match(/the certificate ran out at 2002-01-01[^]*\(file-invalid\)/)
    await writeFile(out('authority.key'), (await pooledKeys(2048)).privateKey)
    expect((await certs()).err).to.include('the key is not that of the certificate')
  })

  it('says that a folder cannot be made', async () => {
    await writeFile(out(), 'a file')
    const { code, err } = await certs()
    expect(code).to.equal(2)
    expect(err).to.match(/No folder can be made at .*certs[^]*another folder with --out/)
  })
})
