import { expect } from 'chai'
import { redact, redactText } from '../../src/kernel/redact.ts'
import { srtpKey, token } from '../support/report-calls.ts'

const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ'
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`

const withSecrets: readonly (readonly [what: string, text: string, shown: string])[] = [
  [
    'an SRTP key, RFC 4568 §6.1',
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${srtpKey}|2^31|1:4`,
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[redacted]|2^31|1:4',
  ],
  [
    'each of several SRTP keys',
    `a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:${secret}|2^20|1:4;inline:${secret}|2^20|2:4`,
    'a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:[redacted]|2^20|1:4;inline:[redacted]|2^20|2:4',
  ],
  ['a key of MIKEY, RFC 4567', `a=key-mgmt:mikey ${secret}`, 'a=key-mgmt:mikey [redacted]'],
  ['a key in clear, RFC 4566 §5.12', `c=IN IP4 a\r\nk=clear:${secret}\r\n`, 'c=IN IP4 a\r\nk=clear:[redacted]\r\n'],
  [
    'the response of Digest',
    `Authorization: Digest username="bob", realm="a", response="${secret}", uri="sip:a"`,
    'Authorization: Digest username="bob", realm="a", response="[redacted]", uri="sip:a"',
  ],
  [
    'a response on a folded line',
    `Authorization: Digest username="bob",\r\n response="${secret}"`,
    'Authorization: Digest username="bob",\r\n response="[redacted]"',
  ],
  ['Basic credentials', `Proxy-Authorization: Basic ${secret}==`, 'Proxy-Authorization: Basic [redacted]'],
  ['a bearer token, RFC 6750 §2.1', `Authorization: Bearer ${secret}`, 'Authorization: Bearer [redacted]'],
  ['a JWT wherever it stands', `token ${token} was refused`, 'token [redacted] was refused'],
  [
    'a token in a form',
    `grant_type=client_credentials&client_assertion=${secret}&scope=a`,
    'grant_type=client_credentials&client_assertion=[redacted]&scope=a',
  ],
  ['a token in JSON', `{"access_token":"${secret}","expires_in":1}`, '{"access_token":"[redacted]","expires_in":1}'],
  ['a password in a SIP URI', `<sip:alice:${secret}@atlanta.test:5060>`, '<sip:alice:[redacted]@atlanta.test:5060>'],
  ['a password in a URL', `https://alice:${secret}@login.test/`, 'https://alice:[redacted]@login.test/'],
  ['a private key', `key ${pem} was read`, 'key [redacted] was read'],
  ['a private key that was cut off', `key ${pem.slice(0, -20)}`, 'key [redacted]'],
]

const without = [
  'Via: SIP/2.0/TLS 127.0.0.1:5061;branch=z9hG4bK776asdhds;rport',
  'Contact: <sip:1001@127.0.10.10:5060>, <sip:a@b.test:5061;transport=tls>',
  'WWW-Authenticate: Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="a@b"',
  'WWW-Authenticate: Basic Realm="", the Bearer token was refused',
  'https://exchange.edge.test:8443/EWS/Exchange.asmx?to=a@b',
  '-----BEGIN CERTIFICATE-----MIIBXTCCAQKgAwIBAgI\n-----END CERTIFICATE-----',
]

describe('redaction', () => {
  for (const [what, text, shown] of withSecrets) {
    it(`takes out ${what}`, () => expect(redactText(text)).to.equal(shown))
  }

  for (const text of without) {
    it(`leaves ${text.slice(0, 40)} as it is`, () => expect(redactText(text)).to.equal(text))
  }

  it('goes as deep as an event goes, and by the names of properties too', () => {
    const event = {
      type: 'a',
      deep: [{ text: `Bearer ${secret}` }],
      sendKey: { key: new Uint8Array(16) },
      password: 'x',
      ms: 4,
      seen: null,
    }
    const shown = {
      type: 'a',
      deep: [{ text: 'Bearer [redacted]' }],
      sendKey: '[redacted]',
      password: '[redacted]',
      ms: 4,
      seen: null,
    }
    expect(redact(event)).to.deep.equal(shown)
  })

  it('leaves sound and mail as they are', () => {
    const heard = new Uint8Array([1, 2, 3])
    expect(redact({ heard }).heard).to.equal(heard)
  })
})
