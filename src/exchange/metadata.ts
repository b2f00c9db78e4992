import { readCertificate } from '../ews/oauth/certificate.ts'
import { exchangeAudience, principals, qualified } from '../ews/oauth/names.ts'
import type { ExchangeConfig } from './config.ts'

/** The auth metadata document of Exchange, as JSON; `certificate` is the auth certificate in PEM. */
export function authMetadata({ realm, host }: ExchangeConfig, certificate: string): string {
  const facts = readCertificate(certificate)
  const key = facts && {
    usage: 'signing',
    keyinfo: { x5t: facts.x5t },
    keyvalue: { type: 'x509Certificate', value: facts.der },
  }
  return JSON.stringify({
    id: qualified(principals.exchange, realm),
    version: '1.0',
    name: 'Exchange',
    realm,
    serviceName: principals.exchange,
    issuer: qualified(principals.exchange, realm),
    allowedAudiences: [exchangeAudience(host, realm)],
    keys: key === undefined ? [] : [key],
    endpoints: [{ location: `https://${host}/EWS/Exchange.asmx`, protocol: 'OAuth2', usage: 'Exchange Web Services' }],
  })
}
