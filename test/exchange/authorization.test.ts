import { expect } from 'chai'
import type { OofAnswer } from '../../src/ews/client.ts'
import { principals } from '../../src/ews/oauth/names.ts'
import type { Authorization } from '../../src/exchange/exchange.ts'
import { alice, contoso, makeIdentities, wall, type Contoso, type Identities } from './contoso.ts'

const day = 86_400_000

/** Who refuses, how, and with which words. */
const refusals: Readonly<
  Record<Exclude<Authorization, 'works'>, readonly [by: string, status: number, words: string]>
> = {
  'application-disabled': [
    'ews',
    401,
    `2990009;reason="The partner application '${principals.cloudVoicemail}' is disabled."`,
  ],
  'application-missing': [
    'ews',
    401,
    `2990008;reason="There is no partner application '${principals.cloudVoicemail}'."`,
  ],
  'certificate-expired': ['authorization-server', 401, 'has expired'],
  'certificate-not-uploaded': ['authorization-server', 401, 'No certificate is uploaded'],
  'wrong-audience': [
    'ews',
    401,
    '2000003;reason="The audience claim value is invalid \'aud\'.";error_category="invalid_resource"',
  ],
  'sfb-missing': ['ews', 401, 'needs SfBOnline'],
}

describe('authorization between Cloud Voicemail and Exchange', () => {
  let identities: Identities
  let lab: Contoso

  before(() => {
    identities = makeIdentities()
  })
  beforeEach(() => {
    lab = contoso(identities)
    lab.exchange.setOof('1001', { state: 'Enabled', internalReply: 'Away' })
  })

  const unknown = (answer: OofAnswer): Extract<OofAnswer, { known: false }> => {
    if (answer.known) throw new Error('the state is known')
    return answer
  }

  it('tells the out-of-office state of the right mailbox while everything works', async () => {
    const oof = lab.client()
    expect(await oof(alice)).to.deep.equal({ known: true, active: true, settings: lab.exchange.mailbox(alice).oof })
    expect(await oof('BOB@contoso.test')).to.include({ known: true, active: false })
    expect(lab.events).to.deep.include({ type: 'ews.oof', mailbox: alice, active: true })
    const expires = wall + 28_800_000
    const resource = `${principals.exchange}/mail.contoso.test@contoso.test`
    const issued = { type: 'oauth.token-issued', application: principals.cloudVoicemail, resource, expires }
    expect(lab.events.filter((e) => e.type === 'oauth.token-issued')).to.deep.equal([issued])
  })

  for (const [state, [by, status, words]] of Object.entries(refusals)) {
    it(`${state}: refused by the ${by}, and right again when it works`, async () => {
      lab.exchange.setAuthorization(state as Authorization)
      const answer = unknown(await lab.client()(alice))
      expect(answer).to.include({ refusedBy: by, status })
      expect(answer.text).to.contain(words)
      if (by === 'ews') expect(answer.diagnostics).to.contain(words)
      const refused = lab.events.filter((e) => e.type === 'oauth.refused')
      expect(refused).to.have.length(1)
      expect(refused[0]).to.include({ by, status, application: principals.cloudVoicemail })
      expect(refused[0]?.diagnostics).to.contain(words)
      expect(lab.events.some((e) => e.type === 'exchange.http' && e.diagnostics?.includes(words))).to.equal(true)
      lab.exchange.setAuthorization('works')
      expect(await lab.client()(alice)).to.include({ known: true, active: true })
    })
  }

  it('follows a schedule by the wall clock', async () => {
    lab.exchange.setOof('alice', { state: 'Scheduled', start: wall + day, end: wall + 2 * day })
    const oof = lab.client()
    const active: boolean[] = []
    for (let i = 0; i < 3; i++) {
      const answer = await oof(alice)
      active.push(answer.known && answer.active)
      lab.clock.advance(day)
    }
    expect(active).to.deep.equal([false, true, false])
  })
  it('does without SfBOnline when the lab says that the legacy is gone', async () => {
    lab = contoso(identities, { needsSkypeForBusiness: false })
    lab.exchange.setAuthorization('sfb-missing')
    expect(await lab.client()(alice)).to.include({ known: true })
  })
  it('refuses CloudVoicemail as well when SfBOnline is only disabled', async () => {
    lab.exchange.setApplication('SfBOnline', { enabled: false })
    expect(unknown(await lab.client()(alice)).diagnostics).to.contain('needs SfBOnline')
  })
  it('refuses a client that asks for a token of another audience', async () => {
    const audience = `${principals.exchange}/other.contoso.test@contoso.test`
    expect(unknown(await lab.client({ audience })(alice)).diagnostics).to.contain('2000003')
  })
  it('issues no token on a key that is not the current auth certificate, on either side', async () => {
    const { otherAuth, auth } = identities
    const application = { appId: principals.cloudVoicemail, signingKey: otherAuth.key, certificate: otherAuth.chain }
    expect(unknown(await lab.client({ application })(alice)).text).to.contain(
      'not signed with the key of the auth certificate',
    )
    lab.exchange.setServicePrincipalKeys('CloudVoicemail', [{ certificate: otherAuth.chain }])
    expect(unknown(await lab.client()(alice)).text).to.contain('is the current auth certificate')
    lab.exchange.setServicePrincipalKeys(principals.cloudVoicemail, [
      { certificate: otherAuth.chain },
      { certificate: auth.chain },
    ])
    expect(await lab.client()(alice)).to.include({ known: true })
  })
  it('issues no token once the certificate itself has run out', async () => {
    lab.clock.advance(Date.UTC(2030, 0) - wall)
    expect(unknown(await lab.client()(alice)).text).to.contain('has expired')
  })
  it('refuses a client of another realm, and one of no known application', async () => {
    const realm = 'fabrikam.test'
    expect(unknown(await lab.client({ realm })(alice)).text).to.equal('There is no such realm here.')
    const tokenUrl = 'https://mail.contoso.test/{realm}/tokens/OAuth/2'
    expect(unknown(await lab.client({ realm, tokenUrl })(alice)).text).to.equal('There is no such realm here.')
    const application = { appId: 'nobody', signingKey: identities.auth.key, certificate: identities.auth.chain }
    expect(unknown(await lab.client({ application })(alice)).refusedBy).to.equal('authorization-server')
  })
  it('refuses tokens of an authorization server it does not trust', async () => {
    const stranger = contoso({ ...identities, authorizationServer: identities.otherAuth })
    const http: typeof lab.http = (order) => (order.url.includes('tokens') ? stranger.http(order) : lab.http(order))
    expect(unknown(await lab.client({ http })(alice)).diagnostics).to.contain('2990003')
  })
  it('says that there is no such mailbox', async () => {
    const answer = unknown(await lab.client()('nobody@contoso.test'))
    expect(answer).to.include({ refusedBy: 'ews', status: 500 })
    expect(answer.text).to.contain('ErrorNonExistentMailbox')
  })
  it('lists partner applications with their keys, and names those it knows when asked for another', () => {
    const names = lab.exchange.applications().map((a) => a.name)
    expect(names).to.deep.equal(['CloudVoicemail', 'SfBOnline', 'Exchange Online', 'TeamsScheduler'])
    lab.exchange.setAuthorization('certificate-not-uploaded')
    expect(lab.exchange.applications()[0])
      .to.include({ present: true, enabled: true })
      .and.to.have.property('keys')
      .with.length(0)
    expect(() => lab.exchange.setApplication('Lync', {}))
      .to.throw('CloudVoicemail')
      .with.property('code', 'application-unknown')
  })
})
