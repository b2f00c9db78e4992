import type { Clock } from '../kernel/clock.ts'
import type { HttpRequest, HttpResponse } from '../kernel/http.ts'
import { writeChallenge } from '../ews/oauth/challenge.ts'
import { diagnostics, writeDiagnostics, type Diagnostics } from '../ews/oauth/diagnostics.ts'
import { judgeToken, type AssertedUser } from '../ews/oauth/judge.ts'
import { principals, qualified } from '../ews/oauth/names.ts'
import { oofResponse, readOofRequest } from '../ews/oof.ts'
import { soapContentType, soapFault } from '../ews/soap.ts'
import { isXmlFault } from '../ews/xml.ts'
import type { Applications } from './applications.ts'
import type { ExchangeConfig, ExchangeKeys } from './config.ts'
import type { Directory } from './mailboxes.ts'
import { response, type Answer } from './web.ts'

export interface WebServicesOrder {
  readonly clock: Clock
  readonly config: ExchangeConfig
  readonly keys: ExchangeKeys
  readonly applications: Applications
  readonly directory: Directory
}

type Caller = { readonly user?: AssertedUser } | { readonly refused: Diagnostics }

/** /EWS/Exchange.asmx: who asks, then what. */
export async function answerWebService(order: WebServicesOrder, request: HttpRequest): Promise<Answer> {
  const token = /^Bearer +(\S+)\s*$/i.exec(request.headers['authorization'] ?? '')?.[1]
  if (token === undefined) return { response: challenge(order) }
  const caller = await judgeCaller(order, token)
  if ('refused' in caller) {
    const why = writeDiagnostics(caller.refused)
    return { response: challenge(order, why), diagnostics: why }
  }
  if (request.method !== 'POST') return { response: response(405, '', { allow: 'POST' }) }
  return { response: answerOof(order.directory, caller.user, request.body) }
}

/** A token may be good and its application still not welcome: partner applications are Exchange's own affair. */
async function judgeCaller({ clock, config, keys, applications }: WebServicesOrder, token: string): Promise<Caller> {
  const rules = {
    realm: config.realm,
    hosts: applications.hosts(),
    issuers: [{ issuer: issuerOf(config.realm), certificate: keys.authorizationServer.chain }],
    ...(config.skewMs === undefined ? {} : { skewMs: config.skewMs }),
    ...(keys.pending === undefined ? {} : { pending: keys.pending }),
  }
  const judged = await judgeToken(token, rules, clock.wall())
  if (!judged.ok) return { refused: judged.diagnostics }
  const fault = applications.partnerFault(judged.application)
  return fault === undefined ? judged : { refused: diagnostics(fault, judged.application) }
}

/** GetUserOofSettings, [MS-OXWOOF] §3.1.4.1: only for the mailbox of the user the token speaks for. */
function answerOof(directory: Directory, user: AssertedUser | undefined, body: Uint8Array): HttpResponse {
  const asked = readOofRequest(body)
  if (isXmlFault(asked)) return fault(`${asked.fault}: ${asked.text}`)
  const address = asked.mailbox.toLowerCase()
  if (user?.smtp.toLowerCase() !== address) return fault(notOwner)
  const mailbox = directory.find(address)
  if (mailbox?.smtp.toLowerCase() !== address) return fault(`ErrorNonExistentMailbox: ${asked.mailbox} has no mailbox.`)
  return soap(200, oofResponse(mailbox.oof))
}

const notOwner = 'Microsoft.Exchange.Data.Storage.AccessDeniedException: User is not mailbox owner.'

function challenge({ config }: WebServicesOrder, why?: string): HttpResponse {
  const bearer = writeChallenge({
    clientId: principals.exchange,
    realm: config.realm,
    trustedIssuers: [issuerOf('*')],
    ...(why === undefined ? {} : { error: 'invalid_token' }),
  })
  return response(401, '', {
    'www-authenticate': [bearer, 'Basic Realm=""'],
    ...(why === undefined ? {} : { 'x-ms-diagnostics': why }),
  })
}

const issuerOf = (realm: string): string => qualified(principals.authorizationServer, realm)
const soap = (status: number, body: string): HttpResponse => response(status, body, { 'content-type': soapContentType })
const fault = (message: string): HttpResponse => soap(500, soapFault('soap:Client', message))
