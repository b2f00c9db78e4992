import { expect } from 'chai'
import { readChallenge, writeChallenge } from '../../../src/ews/oauth/challenge.ts'
import { diagnostics, readDiagnostics, writeDiagnostics } from '../../../src/ews/oauth/diagnostics.ts'
import { principals } from '../../../src/ews/oauth/names.ts'

describe('Bearer challenge ([MS-XOAUTH] 3.2.5.4)', () => {
  const challenge = { clientId: principals.exchange, trustedIssuers: ['a@*', 'b@contoso.test'], realm: 'contoso.test' }

  it('reads back what it wrote', () => {
    expect(readChallenge(writeChallenge(challenge))).to.deep.equal(challenge)
    expect(readChallenge(writeChallenge({ ...challenge, error: 'invalid_token' }))?.error).to.equal('invalid_token')
  })
  it('reads the header of live Exchange Online', () => {
    const live =
      'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@*", ' +
      'token_types="app_asserted_user_v1 service_asserted_app_v1", ' +
      'authorization_uri="https://login.windows.net/common/oauth2/authorize", error="invalid_token"'
    const trustedIssuers = ['00000001-0000-0000-c000-000000000000@*']
    expect(readChallenge(live)).to.deep.equal({ clientId: principals.exchange, trustedIssuers, error: 'invalid_token' })
  })
  it('finds Bearer among other schemes, in one header or several, in any case', () => {
    const bearer = writeChallenge(challenge)
    for (const header of [['Basic Realm=""', bearer], [bearer, 'Basic Realm=""'], `NTLM, Negotiate, ${bearer}`]) {
      expect(readChallenge(header)).to.deep.equal(challenge)
    }
    expect(readChallenge('bearer CLIENT_ID=x , Realm = "y"')).to.deep.equal({
      clientId: 'x',
      realm: 'y',
      trustedIssuers: [],
    })
  })
  it('finds nothing where there is no Bearer with a client_id', () => {
    for (const header of [undefined, '', 'Basic realm="x"', 'Bearer', 'Bearer realm="x"', '=,,"']) {
      expect(readChallenge(header)).to.equal(undefined)
    }
  })
})

describe('x-ms-diagnostics', () => {
  it("says 2000003 in Microsoft's words for a wrong audience", () => {
    const words = '2000003;reason="The audience claim value is invalid \'aud\'.";error_category="invalid_resource"'
    expect(writeDiagnostics(diagnostics('audience'))).to.equal(words)
    expect(readDiagnostics(words)).to.deep.equal(diagnostics('audience'))
  })
  it('lets nothing of a token out of its quotes or its line', () => {
    const written = writeDiagnostics(diagnostics('tenant', 'a"\r\nSet-Cookie: x\\$&\u00e9'))
    expect(written).to.equal(
      '2000004;reason="The tenant for tenant guid \'aSet-Cookie: x$&\' does not exist.";error_category="invalid_tenant"',
    )
  })
})
