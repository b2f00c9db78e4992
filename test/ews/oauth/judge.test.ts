import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { CompactSign, importPKCS8 } from 'jose'
import { readCertificate } from '../../../src/ews/oauth/certificate.ts'
import { judgeToken, type Judged, type TokenRules } from '../../../src/ews/oauth/judge.ts'
import { signToken, unsignedToken, type Claims } from '../../../src/ews/oauth/jws.ts'
import { principals } from '../../../src/ews/oauth/names.ts'
import { issueActorToken, wrapUserToken } from '../../../src/ews/oauth/tokens.ts'
import type { Identity } from '../../../src/kernel/tls.ts'
import { rsaPair, selfSigned, type Pair } from '../identity.ts'

const wall = Date.UTC(2026, 6, 2)
const base = { application: principals.cloudVoicemail, realm: 'contoso.test', host: 'mail.contoso.test', wall }
const smtp = 'alice@contoso.test'

describe('judging a token ([MS-XOAUTH] 3.2.5.6)', () => {
  let pair: Pair
  let signer: Identity
  let rules: TokenRules

  before(() => {
    pair = rsaPair()
    signer = selfSigned(pair, '01')
    const issuer = `${principals.authorizationServer}@contoso.test`
    rules = { realm: 'contoso.test', hosts: ['Mail.Contoso.test'], issuers: [{ issuer, certificate: signer.chain }] }
  })

  const judge = (token: string, at = wall): Promise<Judged> => judgeToken(token, rules, at)
  const actorClaims = (change: Claims = {}): Claims => ({
    aud: `${principals.exchange}/mail.contoso.test@contoso.test`,
    iss: `${principals.authorizationServer}@contoso.test`,
    nameid: `${base.application}@contoso.test`,
    nbf: wall / 1000,
    exp: String(wall / 1000 + 3600),
    ...change,
  })
  const userClaims = (change: Claims = {}): Claims => ({
    ...actorClaims({ iss: `${base.application}@contoso.test`, nameid: smtp, smtp }),
    ...change,
  })
  const codeOf = async (token: string, at = wall): Promise<number> => {
    const judged = await judge(token, at)
    return judged.ok ? 0 : judged.diagnostics.code
  }
  const actorCode = async (change: Claims, identity = signer): Promise<number> =>
    codeOf(await signToken(actorClaims(change), identity))
  const userCode = async (change: Claims): Promise<number> => {
    const actort = await signToken(actorClaims(), signer)
    return codeOf(unsignedToken(userClaims({ actort, ...change })))
  }

  it('takes a user token around an actor token, and an actor token by itself', async () => {
    const actor = await issueActorToken({ ...base, signer })
    const application = principals.cloudVoicemail
    expect(await judge(actor)).to.deep.equal({ ok: true, application })
    const user = await judge(wrapUserToken({ ...base, actor, smtp }))
    expect(user).to.deep.equal({ ok: true, application, user: { nameid: smtp, smtp } })
  })
  it('takes a nameid with a slash in front and dates as numbers or text', async () => {
    const actort = await signToken(actorClaims({ nameid: `/${base.application}@contoso.test` }), signer)
    expect(await codeOf(unsignedToken(userClaims({ actort })))).to.equal(0)
  })
  it('refuses a wrong audience in either token: principal, host or realm', async () => {
    const good = `${principals.exchange}/mail.contoso.test@contoso.test`
    for (const aud of [
      good.replace('0ff1', '0FF1'),
      good.replace('mail', 'other'),
      good.replace('@contoso', '@Contoso'),
      'x',
      7,
    ]) {
      expect(await actorCode({ aud }), String(aud)).to.equal(2_000_003)
      expect(await userCode({ aud }), String(aud)).to.equal(2_000_003)
    }
    expect(await actorCode({ aud: good.replace('mail', 'MAIL') })).to.equal(0)
  })
  it('refuses another realm and another issuer', async () => {
    expect(await actorCode({ iss: `${principals.authorizationServer}@fabrikam.test` })).to.equal(2_000_004)
    expect(await actorCode({ nameid: `${base.application}@fabrikam.test` })).to.equal(2_000_004)
    expect(await actorCode({ iss: `${principals.exchange}@contoso.test` })).to.equal(2_990_004)
  })
  it('refuses a token out of its time, five minutes of difference allowed', async () => {
    const token = await signToken(actorClaims(), signer)
    const at = (ms: number): Promise<number> => codeOf(token, wall + ms)
    expect([await at(3_899_999), await at(3_900_000)]).to.deep.equal([0, 2_990_005])
    expect([await at(-300_000), await at(-300_001)]).to.deep.equal([0, 2_990_006])
    expect(await userCode({ exp: wall / 1000 - 400 })).to.equal(2_990_005)
    expect(await userCode({ nbf: wall / 1000 + 400 })).to.equal(2_990_006)
    expect(await actorCode({ exp: undefined })).to.equal(2_990_005)
    expect(await actorCode({ nbf: '1e3' })).to.equal(2_990_006)
  })
  it('refuses alg:none wherever it is not the outside of a user token', async () => {
    expect(await codeOf(unsignedToken(actorClaims()))).to.equal(2_990_002)
    expect(await userCode({ actort: unsignedToken(actorClaims()) })).to.equal(2_990_002)
    const actort = await signToken(actorClaims(), signer)
    expect(await userCode({ actort: unsignedToken(userClaims({ actort })) })).to.equal(2_990_002)
    expect(await codeOf(`${unsignedToken(userClaims({ actort }))}c2ln`)).to.equal(2_990_002)
    expect(await codeOf(unsignedToken(userClaims({ actort })).replace(/^[^.]+/, b64({ alg: 'None' })))).to.equal(
      2_990_002,
    )
  })
  it('refuses HS256 with the public key for a secret, and RS384', async () => {
    const x5t = readCertificate(signer.chain)?.x5t
    const head = `${b64({ typ: 'JWT', alg: 'HS256', x5t })}.${b64(actorClaims())}`
    const hmac = createHmac('sha256', pair.publicKey).update(head).digest('base64url')
    expect(await codeOf(`${head}.${hmac}`)).to.equal(2_990_002)
    const key = await importPKCS8(pair.privateKey, 'RS384')
    const body = Buffer.from(JSON.stringify(actorClaims()))
    const rs384 = await new CompactSign(body).setProtectedHeader({ alg: 'RS384', x5t: x5t ?? '' }).sign(key)
    expect(await codeOf(rs384)).to.equal(2_990_002)
  })
  it('refuses the signature of an untrusted certificate, a changed token and a critical header', async () => {
    expect(await actorCode({}, selfSigned(pair, '02'))).to.equal(2_990_003)
    expect(await actorCode({}, { chain: signer.chain, key: rsaPair().privateKey })).to.equal(2_990_003)
    const [header = '', , signature = ''] = (await signToken(actorClaims(), signer)).split('.')
    expect(await codeOf(`${header}.${b64(actorClaims({ nameid: `x@contoso.test` }))}.${signature}`)).to.equal(2_990_003)
    const x5t = readCertificate(signer.chain)?.x5t
    expect(
      await codeOf(`${b64({ alg: 'RS256', x5t, crit: ['b64'], b64: false })}.${b64(actorClaims())}.${signature}`),
    ).to.equal(2_990_003)
  })
  it('refuses a user token of another application than its actor, and one without a user', async () => {
    expect(await userCode({ iss: `${principals.exchange}@contoso.test` })).to.equal(2_990_007)
    expect(await userCode({ iss: `${base.application.toUpperCase()}@contoso.test` })).to.equal(2_990_007)
    expect(await userCode({ smtp: undefined, nameid: undefined })).to.equal(2_990_001)
  })
  it('refuses what is no token at all', async () => {
    for (const text of [
      '',
      'x',
      'a.b.c',
      `${b64({})}.${b64([])}.x`,
      `${b64({ alg: 'none' })}.bnVsbA.`,
      'a'.repeat(20_000),
    ]) {
      expect(await codeOf(text)).to.equal(2_990_001)
    }
    expect(await codeOf(`${b64({})}.${b64({})}.x`)).to.equal(2_990_002)
  })
})

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
