import { createPrivateKey } from 'node:crypto'
import { expect } from 'chai'
import { CompactSign } from 'jose'
import { readChallenge } from '../../src/ews/oauth/challenge.ts'
import { principals } from '../../src/ews/oauth/names.ts'
import { issueActorToken, wrapUserToken } from '../../src/ews/oauth/tokens.ts'
import { formContentType, tokenRequest } from '../../src/ews/oauth/token-endpoint.ts'
import { oofRequest } from '../../src/ews/oof.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import type { HttpReply } from '../../src/kernel/http.ts'
import { alice, contoso, makeIdentities, wall, type Contoso, type Identities } from './contoso.ts'

const ews = '/EWS/Exchange.asmx'
const order = { application: principals.cloudVoicemail, realm: 'contoso.test', host: 'mail.contoso.test', wall }
const text = (reply: HttpReply): string => Buffer.from(reply.body).toString()

describe('the HTTP face of Exchange', () => {
  let identities: Identities
  let lab: Contoso
  let actor: string

  before(async () => {
    identities = makeIdentities()
    actor = await issueActorToken({ ...order, signer: identities.authorizationServer })
  })
  beforeEach(() => {
    lab = contoso(identities)
  })

  const bearer = (token: string): Record<string, string> => ({
    authorization: `Bearer ${token}`,
    'content-type': 'text/xml',
  })
  const asAlice = (): Record<string, string> => bearer(wrapUserToken({ ...order, actor, smtp: alice }))

  it('answers no token and an empty Bearer with a challenge, and no diagnostics', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer' },
      { authorization: 'Bearer ' },
      { authorization: 'Basic eA==' },
    ]) {
      const reply = await lab.post(ews, headers, '')
      expect(reply.status).to.equal(401)
      const trustedIssuers = ['00000001-0000-0000-c000-000000000000@*']
      const expected = { clientId: principals.exchange, realm: 'contoso.test', trustedIssuers }
      expect(readChallenge(reply.headers['www-authenticate'])).to.deep.equal(expected)
      expect(reply.headers).not.to.have.property('x-ms-diagnostics')
    }
  })
  it('answers a bad token with invalid_token and the diagnostics', async () => {
    const reply = await lab.post(ews, bearer('x.y.z'), oofRequest(alice))
    expect(readChallenge(reply.headers['www-authenticate'])?.error).to.equal('invalid_token')
    expect(reply.headers['x-ms-diagnostics']).to.contain('2990001')
    const http = {
      type: 'exchange.http',
      method: 'POST',
      path: ews,
      status: 401,
      diagnostics: reply.headers['x-ms-diagnostics'],
    }
    expect(lab.events).to.deep.equal([http])
  })
  it('lets nobody read the settings of another, and no application by itself ([MS-OXWOOF] 3.1.4.1)', async () => {
    for (const [headers, mailbox] of [
      [bearer(actor), alice],
      [asAlice(), 'bob@contoso.test'],
      [asAlice(), '1001'],
    ] as const) {
      const reply = await lab.post(ews, headers, oofRequest(mailbox))
      expect(reply.status).to.equal(500)
      expect(text(reply)).to.contain('AccessDeniedException: User is not mailbox owner.')
    }
    expect((await lab.post(ews, asAlice(), oofRequest(alice))).status).to.equal(200)
  })
  it('knows a mailbox by its address alone, not by user or extension', async () => {
    for (const smtp of ['1001', 'alice']) {
      const reply = await lab.post(ews, bearer(wrapUserToken({ ...order, actor, smtp })), oofRequest(smtp))
      expect(text(reply)).to.contain('ErrorNonExistentMailbox')
    }
  })
  it('answers an XML bomb, an external entity and junk with a fault', async () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'x'.repeat(100)}">]>${oofRequest('&a;')}`
    const external = `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${oofRequest('&a;')}`
    for (const body of [bomb, external, 'junk', '', Buffer.from([0xff, 0xfe])]) {
      const reply = await lab.post(ews, asAlice(), body)
      expect(reply.status).to.equal(500)
      expect(text(reply)).to.contain('xml-refused')
    }
    expect((await lab.post(ews, asAlice(), 'x'.repeat(256 * 1024 + 1))).status).to.equal(413)
  })
  it('knows its three paths, without case, and 404 for the rest', async () => {
    expect((await lab.post('/ews/exchange.ASMX', {}, '')).status).to.equal(401)
    for (const path of ['/', '/EWS', '/EWS/Exchange.asmx/x', '/a/b/tokens/OAuth/2']) {
      expect((await lab.post(path, {}, '')).status, path).to.equal(404)
    }
    const url = `https://mail.contoso.test${ews}`
    const get = await lab.http({ method: 'GET', url, headers: asAlice(), body: new Uint8Array() })
    expect([get.status, get.headers['allow']]).to.deep.equal([405, 'POST'])
    expect((await lab.post('/autodiscover/metadata/json/1', {}, '')).status).to.equal(405)
  })
  it('publishes its auth metadata with the auth certificate', async () => {
    const url = 'https://mail.contoso.test/autodiscover/metadata/json/1'
    const reply = await lab.http({ method: 'GET', url, headers: {}, body: new Uint8Array() })
    const document = JSON.parse(text(reply)) as Record<string, unknown>
    expect(document).to.include({ version: '1.0', realm: 'contoso.test', serviceName: principals.exchange })
    expect(document['allowedAudiences']).to.deep.equal([`${principals.exchange}/mail.contoso.test@contoso.test`])
    const der = identities.auth.chain.replaceAll(/-----[^-]+-----|\s/g, '')
    expect(document['keys']).to.have.nested.property('[0].keyvalue.value', der)
  })
})

describe('the token endpoint (RFC 6749, RFC 7523)', () => {
  const path = '/contoso.test/tokens/OAuth/2'
  const form = { 'content-type': `${formContentType}; charset=utf-8` }
  let identities: Identities
  let lab: Contoso
  let good: string

  before(async () => {
    identities = makeIdentities()
    const { auth: identity } = identities
    good = await tokenRequest({ ...order, resource: 'r', identity, random: seededRandom('t') })
  })
  beforeEach(() => {
    lab = contoso(identities)
  })

  const ask = async (
    body: string,
    headers: Record<string, string> = form,
  ): Promise<[number, Record<string, unknown>]> => {
    const reply = await lab.post(path, headers, body)
    return [reply.status, JSON.parse(text(reply)) as Record<string, unknown>]
  }
  const changed = (name: string, value: string | undefined): string => {
    const fields = new URLSearchParams(good)
    if (value === undefined) fields.delete(name)
    else fields.set(name, value)
    return fields.toString()
  }

  it('issues a Bearer token that must not be stored (RFC 6749 5.1)', async () => {
    const reply = await lab.post(path, form, good)
    expect(JSON.parse(text(reply))).to.include({ token_type: 'Bearer', expires_in: 28_800 })
    expect(reply.headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache' })
  })
  it('tells a broken request from a client that does not prove itself (RFC 6749 5.2)', async () => {
    const rows: readonly (readonly [string, number, string])[] = [
      [changed('grant_type', 'password'), 400, 'unsupported_grant_type'],
      [changed('client_id', undefined), 400, 'invalid_request'],
      [changed('resource', undefined), 400, 'invalid_request'],
      [`${good}&resource=other`, 400, 'invalid_request'],
      [changed('client_assertion_type', 'x'), 401, 'invalid_client'],
      [changed('client_assertion', 'x'), 401, 'invalid_client'],
      [changed('client_assertion', undefined), 401, 'invalid_client'],
      [changed('client_id', `${principals.exchange}@contoso.test`), 401, 'invalid_client'],
      ['', 400, 'unsupported_grant_type'],
    ]
    for (const [body, status, error] of rows) {
      const [got, answer] = await ask(body)
      expect([got, answer['error']], body).to.deep.equal([status, error])
    }
    expect(await ask(good, {})).to.have.nested.property('[1].error', 'invalid_request')
  })
  it('issues nothing on the path of another realm', async () => {
    const reply = await lab.post('/fabrikam.test/tokens/OAuth/2', form, good)
    expect([reply.status, text(reply)]).to.deep.equal([
      401,
      '{"error":"invalid_client","error_description":"There is no such realm here."}',
    ])
  })
  it('refuses an assertion out of its time (RFC 7523 3)', async () => {
    lab.clock.advance(599_999)
    expect((await ask(good))[0]).to.equal(200)
    lab.clock.advance(1)
    expect((await ask(good))[1]).to.include({ error: 'invalid_client', error_description: 'The assertion is expired.' })
  })
  it('refuses an assertion signed by another algorithm than RS256, with the right key too', async () => {
    const [header = '', claims = ''] = (new URLSearchParams(good).get('client_assertion') ?? '').split('.')
    const { x5t } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { x5t: string }
    const key = createPrivateKey(identities.auth.key)
    const signed = new CompactSign(Buffer.from(claims, 'base64url')).setProtectedHeader({ alg: 'PS256', x5t })
    const answer = await ask(changed('client_assertion', await signed.sign(key)))
    expect(answer[1]['error_description']).to.contain('not signed with the key')
  })
  it('refuses the audience that the assertion was not made for', async () => {
    const { auth: identity } = identities
    const other = await tokenRequest({
      ...order,
      realm: 'fabrikam.test',
      resource: 'r',
      identity,
      random: seededRandom('t'),
    })
    const assertion = new URLSearchParams(other).get('client_assertion') ?? ''
    expect((await ask(changed('client_assertion', assertion)))[1]['error_description']).to.contain('another client')
  })
})
