import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/errors.ts'
import type { HttpHandler, HttpRequest } from '../kernel/http.ts'
import { token, type Random } from '../kernel/random.ts'
import type { SmtpHandler } from '../kernel/smtp.ts'
import type { Mailboxes, StoredMail } from '../kernel/store.ts'
import type { OofSettings } from '../ews/oof.ts'
import {
  createApplications,
  type Applications,
  type Authorization,
  type PartnerApplication,
  type ServicePrincipalKey,
} from './applications.ts'
import { answerTokenRequest } from './authorization-server.ts'
import type { ExchangeConfig, ExchangeKeys } from './config.ts'
import type { ExchangeEvent } from './events.ts'
import { createDirectory, type Directory, type Mailbox } from './mailboxes.ts'
import { authMetadata } from './metadata.ts'
import { createReceiveConnector } from './receive.ts'
import { createSmtpFaults, type SmtpFault } from './smtp-faults.ts'
import { json, response, route, type Answer } from './web.ts'
import { answerWebService } from './web-services.ts'

export type { Authorization, PartnerApplication, ServicePrincipalKey } from './applications.ts'
export type { ExchangeConfig, ExchangeKeys, MailboxConfig } from './config.ts'
export type { Mailbox } from './mailboxes.ts'
export type { SmtpFault } from './smtp-faults.ts'

export interface ExchangeOrder {
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit<ExchangeEvent>
  readonly mailboxes: Mailboxes
  readonly config: ExchangeConfig
  readonly keys: ExchangeKeys
}

/** The exchange role. A mailbox is named by user, SMTP address or extension; one that is not here throws mailbox-unknown. */
export interface Exchange {
  /** `/<realm>/tokens/OAuth/2`, `/EWS/Exchange.asmx`, `/autodiscover/metadata/json/1`. */
  readonly http: HttpHandler
  readonly smtp: SmtpHandler
  mailbox(name: string): Mailbox
  /** Delivered mails, oldest first. */
  mails(name: string): Promise<readonly StoredMail[]>
  setOof(name: string, change: Partial<OofSettings>): void
  applications(): readonly PartnerApplication[]
  /** @param application id or name. @throws PosternError application-unknown */
  setApplication(application: string, change: { readonly enabled?: boolean; readonly present?: boolean }): void
  /** @param application id or name. @throws PosternError application-unknown */
  setServicePrincipalKeys(application: string, keys: readonly ServicePrincipalKey[]): void
  /** Puts everything right, then breaks the one thing named. A client's token issued before stays good until it ends. */
  setAuthorization(state: Authorization): void
  /** Refuses mail on purpose; faults queue. `mailbox` may be any name of one. */
  fault(fault: SmtpFault): void
  clearFaults(): void
}

export function createExchange(order: ExchangeOrder): Exchange {
  const { clock, random, emit, config, keys } = order
  const { host, needsSkypeForBusiness = true } = config
  const directory = createDirectory(config)
  const faults = createSmtpFaults()
  const applications = createApplications({ clock, host, authCertificate: keys.authCertificate, needsSkypeForBusiness })
  return {
    http: httpHandler(order, directory, applications),
    smtp: createReceiveConnector({ clock, random, emit, store: order.mailboxes, directory, faults, host }),
    mailbox: (name) => directory.get(name),
    mails: async (name) => order.mailboxes.list(directory.get(name).user),
    setOof(name, change) {
      const { user, oof } = directory.setOof(name, change)
      emit({ type: 'exchange.oof-set', mailbox: user, settings: oof })
    },
    applications: () => applications.all(),
    setApplication(application, change) {
      const { appId } = applications.set(application, change)
      emit({ type: 'exchange.authorization-set', setting: 'application', application: appId })
    },
    setServicePrincipalKeys(application, principalKeys) {
      const { appId } = applications.set(application, { keys: principalKeys })
      emit({ type: 'exchange.authorization-set', setting: 'keys', application: appId })
    },
    setAuthorization(state) {
      applications.authorize(state)
      emit({ type: 'exchange.authorization-set', setting: state })
    },
    fault(fault) {
      const { mailbox, ...rest } = fault
      faults.add(mailbox === undefined ? rest : { ...rest, mailbox: directory.find(mailbox)?.user ?? mailbox })
    },
    clearFaults: () => faults.clear(),
  }
}

function httpHandler(order: ExchangeOrder, directory: Directory, applications: Applications): HttpHandler {
  const { clock, random, emit, config, keys } = order
  const services = { clock, config, keys, applications, directory }
  const answer = (request: HttpRequest): Answer | Promise<Answer> => {
    const way = route(request)
    switch (way.to) {
      case 'ews':
        return answerWebService(services, request)
      case 'token':
        return answerTokenRequest(services, way.realm, request)
      case 'metadata':
        return { response: json(200, authMetadata(config, keys.authCertificate)) }
      case 'nowhere':
        return { response: response(way.status, '') }
    }
  }
  const answered = async (request: HttpRequest): Promise<Answer> => {
    try {
      return await answer(request)
    } catch (thrown) {
      return { response: response(500, ''), diagnostics: messageOf(thrown) }
    }
  }
  return async (request) => {
    const { response: made, diagnostics } = await answered(request)
    const { method, path } = request
    const event = { type: 'exchange.http', method, path, status: made.status } as const
    emit(diagnostics === undefined ? event : { ...event, diagnostics })
    return { ...made, headers: { ...made.headers, 'request-id': requestId(random), 'x-feserver': config.host } }
  }
}

/** A version 4 UUID, RFC 9562 §5.4. */
function requestId(random: Random): string {
  const hex = token(random, 16)
  const variant = (8 + (parseInt(hex.charAt(16), 16) % 4)).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
