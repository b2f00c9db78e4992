import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { PosternError } from '../../../src/kernel/errors.ts'
import { checkText } from '../../../src/lab/document.ts'
import { labSchema } from '../../../src/lab/schema.ts'
import {
  certificatesBeforehand,
  certificatesFrom,
  type CertificateSets,
} from '../../../src/lab/virtual/certificates.ts'
import { labText } from '../../support/lab-text.ts'

const day = 86_400_000
const wall = Date.UTC(2026, 2, 1)
const later = Date.UTC(2036, 5, 1)
const file = checkText(labText, 'lab.yaml', labSchema).value

describe('certificates made beforehand', function () {
  this.timeout(60_000)
  this.slow(10_000)
  let made: CertificateSets
  before(async () => {
    made = await certificatesBeforehand(file, [wall, later])
  })

  it('are plain data that another thread can be handed', () => {
    expect(structuredClone(made)).to.deep.equal(made)
  })

  it('are there for every host of a lab that shows one, good for a year from the day before', async () => {
    const certificates = certificatesFrom(made, wall)
    const authority = new X509Certificate(certificates.anchor).publicKey
    for (const host of [
      'exchange.edge.test',
      'auth.exchange.edge.test',
      'login.exchange.edge.test',
      'voicemail.edge.test',
      'sbc.edge.test',
    ]) {
      const leaf = new X509Certificate((await certificates.identity(host)).chain)
      expect(leaf.verify(authority), host).to.equal(true)
      expect(leaf.checkHost(host)).to.equal(host)
      expect([Date.parse(leaf.validFrom), Date.parse(leaf.validTo)]).to.deep.equal([wall - day, wall + 365 * day])
    }
  })

  it('are there with each flaw for the outside of the SBC', async () => {
    const certificates = certificatesFrom(made, wall)
    const leaf = async (flaw: 'expired' | 'wrong-name') =>
      new X509Certificate((await certificates.identity('sbc.edge.test', flaw)).chain)
    expect(Date.parse((await leaf('expired')).validTo)).to.be.below(wall)
    expect((await leaf('wrong-name')).checkHost('sbc.edge.test')).to.equal(undefined)
  })

  it('are the same for the same lab and day', async () => {
    expect(await certificatesBeforehand(file, [wall, later])).to.deep.equal(made)
  })

  it('are good at each of the dates they were made for, with the same keys', async () => {
    const keys: string[] = []
    for (const at of [wall, later]) {
      const { chain, key } = await certificatesFrom(made, at).identity('voicemail.edge.test')
      expect(Date.parse(new X509Certificate(chain).validFrom)).to.equal(at - day)
      keys.push(key)
    }
    expect(keys[0]).to.equal(keys[1])
  })

  it('say so when there are none for a date', () => {
    expect(() => certificatesFrom(made, wall + 1)).to.throw(PosternError, /2026-03-01T00:00:00.001Z/)
  })

  it('say so when one is wanted that was not made', async () => {
    const certificates = certificatesFrom(made, wall)
    const failed = await certificates.identity('voicemail.edge.test', 'expired').catch((error: unknown) => error)
    expect(failed).to.be.instanceOf(PosternError).and.to.include({ code: 'lab-broken' })
    expect(failed).to.have.property('message').that.includes('expired voicemail.edge.test')
  })
})
