import { expect } from 'chai'
import fc from 'fast-check'
import { issue, type IssueOrder, makeAuthority } from '../../src/pki/authority.ts'
import { buildCertificate, type CertificateOrder } from '../../src/pki/builder.ts'
import { flaws, issueFlawed } from '../../src/pki/flaws.ts'
import { judge, type Question } from '../../src/pki/judge.ts'
import { generateKeys } from '../../src/net/keys.ts'
import { day, ders, now, type Office, openOffice, serial } from './certificates.ts'

describe('the verifier', () => {
  let office: Office
  let base: Omit<Question, 'chain'>
  const ask = (pem: string, more: Partial<Question> = {}) => judge({ ...base, chain: ders(pem), ...more })
  const good = (more: Partial<IssueOrder> = {}) => issue(office.authority, { ...office.order, ...more }).chain
  /** Signed by the authority as if by hand. */
  const made = (more: Partial<CertificateOrder> = {}) =>
    buildCertificate({
      ...office.order,
      issuer: 'Lab authority',
      publicKey: office.keys.publicKey,
      signer: office.authority.key,
      ...more,
    })

  before(async () => {
    office = await openOffice()
    const anchors = [office.authority.certificate]
    base = { anchors, at: now, usage: 'serverAuth', names: ['sbc.example'], rules: 'rfc6125' }
  })

  it('trusts a good chain and says whose it is', () => {
    expect(ask(good())).to.deep.equal({
      verdict: 'trusted',
      subject: 'CN=sbc.example',
      names: ['sbc.example'],
      notAfter: now + day,
    })
  })

  it('asks for no name when none is given, and finds none in an empty list', () => {
    const { anchors, at, usage, rules } = base
    const nameless = { anchors, at, usage, rules, chain: ders(good({ dns: ['other.example'] })) }
    expect(judge(nameless).verdict).to.equal('trusted')
    expect(ask(good(), { names: [] }).verdict).to.equal('wrong-name')
  })

  it('hands on what OpenSSL said', () => {
    expect(ask(good(), { openssl: 'CERT_HAS_EXPIRED' }).openssl).to.equal('CERT_HAS_EXPIRED')
  })

  const reasons = {
    expired: 'certificate-expired',
    'not-yet-valid': 'certificate-not-yet-valid',
    'wrong-name': 'certificate-name',
    'unknown-authority': 'unknown-authority',
    'self-signed': 'self-signed',
  } as const
  for (const flaw of flaws) {
    it(`finds the flaw "${flaw}" and calls it ${reasons[flaw]}`, () => {
      const judgement = ask(issueFlawed(flaw, office.authority, office.order).chain)
      expect(judgement.reason).to.equal(reasons[flaw])
      expect(judgement.verdict).to.equal(flaw === 'wrong-name' ? 'wrong-name' : 'refused')
    })
  }

  it('refuses who sends no certificate', () => {
    expect(judge({ ...base, chain: [] })).to.deep.include({ verdict: 'refused', reason: 'certificate-missing' })
  })

  it('refuses what is no certificate, whatever its bytes', () => {
    const whole = ders(good())[0]!
    const cut = fc.nat(whole.length - 1).map((length) => whole.subarray(0, length))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), cut), (bytes) => {
        expect(judge({ ...base, chain: [bytes] }).reason).to.equal('certificate-unreadable')
      }),
    )
  })

  it('never throws and never trusts when one byte of a good leaf is changed', () => {
    const whole = ders(good())[0]!
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const altered = Uint8Array.from(whole, (byte, i) => (i === index ? byte ^ change : byte))
        expect(judge({ ...base, chain: [altered] }).verdict).not.to.equal('trusted')
      }),
    )
  })

  it('refuses a signature that does not verify', () => {
    const forged = Uint8Array.from(ders(good())[0]!)
    forged[forged.length - 1]! ^= 1
    expect(judge({ ...base, chain: [forged] }).reason).to.equal('bad-signature')
  })

  for (const [digest, title] of [
    ['sha1', 'SHA-1'],
    ['md5', 'MD5'],
  ] as const) {
    it(`refuses a signature over ${title}`, () => {
      const judgement = ask(made({ digest }))
      expect(judgement.reason).to.equal('weak-digest')
      expect(judgement.text).to.include(title)
    })
  }

  it('refuses an RSA key of 1024 bits', async () => {
    const judgement = ask(good({ keys: await generateKeys(1024) }))
    expect(judgement).to.deep.include({ verdict: 'refused', reason: 'key-too-short' })
    expect(judgement.text).to.include('RSA 1024')
  })

  it('refuses a certificate for the other usage, in either role (RFC 5280 §4.2.1.12)', () => {
    expect(ask(good({ usage: ['clientAuth'] })).reason).to.equal('wrong-usage')
    expect(ask(good({ usage: ['serverAuth'] }), { usage: 'clientAuth' }).reason).to.equal('wrong-usage')
    expect(ask(good({ usage: ['clientAuth'] }), { usage: 'clientAuth' }).verdict).to.equal('trusted')
  })

  it('takes a certificate without extended key usage for any (RFC 5280 §4.2.1.12)', () => {
    const { subject, dns = [], notBefore, notAfter } = office.order
    const parties = {
      subject,
      dns,
      issuer: 'Lab authority',
      publicKey: office.keys.publicKey,
      signer: office.authority.key,
    }
    const anything = buildCertificate({ ...parties, notBefore, notAfter, serial: serial(3) })
    expect(ask(anything, { usage: 'clientAuth' }).verdict).to.equal('trusted')
  })

  it('refuses an expired anchor', () => {
    const anchor = makeAuthority({
      name: 'Lab authority',
      keys: office.authorityKeys,
      at: now - 100 * day,
      years: 0,
      serial: serial(1),
    })
    expect(ask(good(), { anchors: [anchor.certificate] }).reason).to.equal('certificate-expired')
  })

  it('judges at the second of the date: valid to it, expired after it', () => {
    expect(ask(good(), { at: now + day }).verdict).to.equal('trusted')
    expect(ask(good(), { at: now + day + 1 }).reason).to.equal('certificate-expired')
    expect(ask(good(), { at: now - day - 1 }).reason).to.equal('certificate-not-yet-valid')
  })

  it('reports the name last: a flaw of the chain outranks it', () => {
    const both = issueFlawed('expired', office.authority, { ...office.order, dns: ['other.example'] })
    expect(ask(both.chain).reason).to.equal('certificate-expired')
    const stranger = issueFlawed('unknown-authority', office.authority, { ...office.order, notAfter: now - 1 })
    expect(ask(stranger.chain).reason).to.equal('unknown-authority')
  })

  it('says in one sentence what was found and what was expected', () => {
    expect(ask(issueFlawed('expired', office.authority, office.order).chain).text).to.equal(
      'the certificate of CN=sbc.example expired at 2026-05-30T00:00:00.000Z; it is now 2026-06-01T00:00:00.000Z',
    )
    expect(ask(good(), { names: ['um.example', 'voicemail.example'] }).text).to.equal(
      'the certificate carries sbc.example; expected um.example or voicemail.example (RFC 6125 §6)',
    )
    expect(ask(issueFlawed('self-signed', office.authority, office.order).chain).text).to.equal(
      'CN=sbc.example signed its certificate itself; trusted authorities: CN=Lab authority',
    )
  })

  it('trusts no one without anchors, and a pinned certificate itself', () => {
    const { chain } = issueFlawed('self-signed', office.authority, office.order)
    expect(ask(good(), { anchors: [] }).reason).to.equal('unknown-authority')
    expect(ask(chain, { anchors: [chain] }).verdict).to.equal('trusted')
  })
})
