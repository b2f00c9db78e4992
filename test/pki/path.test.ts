import { expect } from 'chai'
import type { KeyPair } from '../../src/kernel/keys.ts'
import { buildCertificate, type CertificateOrder } from '../../src/pki/builder.ts'
import { judge } from '../../src/pki/judge.ts'
import { pooledKeys } from '../support/keys.ts'
import { day, ders, now, type Office, openOffice, serial } from './certificates.ts'

describe('chains with intermediate authorities (RFC 5280 §6)', () => {
  let office: Office
  let middleKeys: KeyPair
  let leaf: string
  let middle: string
  const by = (
    subject: string,
    publicKey: string,
    issuer: string,
    signer: string,
    more: Partial<CertificateOrder> = {},
  ) =>
    buildCertificate({
      subject,
      publicKey,
      issuer,
      signer,
      notBefore: now - day,
      notAfter: now + day,
      serial: serial(7),
      ...more,
    })
  const makeMiddle = (more: Partial<CertificateOrder> = {}) =>
    by('Middle', middleKeys.publicKey, 'Lab authority', office.authority.key, { authority: true, ...more })
  const ask = (...chain: string[]) =>
    judge({
      chain: chain.flatMap(ders),
      anchors: [office.authority.certificate],
      at: now,
      usage: 'serverAuth',
      rules: 'rfc6125',
    })

  before(async () => {
    office = await openOffice()
    middleKeys = await pooledKeys(2048)
    middle = makeMiddle()
    leaf = by('leaf.example', office.keys.publicKey, 'Middle', middleKeys.privateKey)
  })

  it('climbs through an intermediate, with the root sent along or not, in any order', () => {
    expect(ask(leaf, middle).verdict).to.equal('trusted')
    expect(ask(leaf, office.authority.certificate, middle).verdict).to.equal('trusted')
  })

  it('names the issuer that is missing', () => {
    const judgement = ask(leaf)
    expect(judgement.reason).to.equal('unknown-authority')
    expect(judgement.text).to.include('from CN=Middle')
  })

  it('refuses an intermediate that is no authority', () => {
    expect(ask(leaf, makeMiddle({ authority: false })).reason).to.equal('unknown-authority')
    expect(ask(leaf, makeMiddle({ authority: false, anyKeyUsage: true })).reason).to.equal('unknown-authority')
    expect(ask(leaf, makeMiddle({ anyKeyUsage: true })).verdict).to.equal('trusted')
  })

  it('refuses a path longer than an authority allows (RFC 5280 §4.2.1.9)', () => {
    const low = by('Low', middleKeys.publicKey, 'Middle', middleKeys.privateKey, { authority: true })
    const deep = by('leaf.example', office.keys.publicKey, 'Low', middleKeys.privateKey)
    expect(ask(deep, low, makeMiddle({ pathLength: 1 })).verdict).to.equal('trusted')
    expect(ask(deep, low, makeMiddle({ pathLength: 0 })).reason).to.equal('unknown-authority')
    expect(ask(leaf, makeMiddle({ pathLength: 0 })).verdict).to.equal('trusted')
  })

  it('refuses an intermediate that has expired, is signed over SHA-1 or is for another usage', () => {
    expect(ask(leaf, makeMiddle({ notAfter: now - 1 })).reason).to.equal('certificate-expired')
    expect(ask(leaf, makeMiddle({ digest: 'sha1' })).reason).to.equal('weak-digest')
    expect(ask(leaf, makeMiddle({ usage: ['clientAuth'] })).reason).to.equal('wrong-usage')
  })

  it('takes the path that holds when there are several', () => {
    const expired = makeMiddle({ notAfter: now - 1 })
    expect(ask(leaf, expired, middle).verdict).to.equal('trusted')
    expect(ask(leaf, middle, expired).verdict).to.equal('trusted')
  })

  it('is not led round in circles by authorities that issued one another', () => {
    const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I']
    const ring = names.map((name, i) =>
      by(name, middleKeys.publicKey, names[(i + 1) % names.length]!, middleKeys.privateKey, { authority: true }),
    )
    const lost = by('leaf.example', office.keys.publicKey, 'A', middleKeys.privateKey)
    expect(ask(lost, ...ring).reason).to.equal('unknown-authority')
    const crowd = names.map((_, i) =>
      by('A', middleKeys.publicKey, 'A', middleKeys.privateKey, { authority: true, serial: serial(i + 1) }),
    )
    expect(ask(lost, ...crowd).reason).to.equal('unknown-authority')
  })

  it('passes over garbage among the intermediates', () => {
    const chain = [...ders(leaf), Uint8Array.of(1, 2, 3), ...ders(middle)]
    const anchors = ['no PEM at all', office.authority.certificate]
    expect(judge({ chain, anchors, at: now, usage: 'serverAuth', rules: 'rfc6125' }).verdict).to.equal('trusted')
  })
})
