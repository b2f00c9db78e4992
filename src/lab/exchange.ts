import type { Address } from '../kernel/address.ts'
import type { Bus, Emit } from '../kernel/bus.ts'
import type { Resolver } from '../kernel/network.ts'
import type { Mailboxes } from '../kernel/store.ts'
import type { EwsEvent } from '../ews/events.ts'
import { createOofClient, type OofAnswer } from '../ews/client.ts'
import { principals } from '../ews/oauth/names.ts'
import type { OofSettings } from '../ews/oof.ts'
import { createExchange, type Exchange } from '../exchange/exchange.ts'
import type { NetEvent } from '../net/events.ts'
import type { HttpEvent } from '../net/http-events.ts'
import type { Certificates } from './certificates.ts'
import type { LabEvent } from './events.ts'
import type { AutomaticReplies, SmtpFault } from './face.ts'
import type { LabFile } from './schema.ts'
import { Teardown } from './teardown.ts'
import type { World } from './world.ts'

export interface ExchangeStart {
  readonly file: LabFile
  readonly world: World
  readonly bus: Bus<LabEvent>
  readonly certificates: Certificates
  readonly resolver: Resolver
  readonly mailboxes: Mailboxes
}

/** The exchange role with its two listeners: the receive connector and the web services. */
export interface RunningExchange {
  readonly role: Exchange
  readonly smtp: Address
  readonly https: Address
  /** The way a voicemail service asks for the out-of-office state: EWS over HTTPS with OAuth. */
  oofClient(emit: Emit<EwsEvent | HttpEvent | NetEvent>): (smtp: string) => Promise<OofAnswer>
  close(): Promise<void>
}

export async function startExchange({
  file,
  world,
  bus,
  certificates,
  resolver,
  mailboxes,
}: ExchangeStart): Promise<RunningExchange> {
  const { clock, random } = world
  const { exchange: station } = file
  const emit = bus.from('exchange')
  const anchors = [certificates.anchor]
  const server = await certificates.identity(station.name)
  const authCertificate = await certificates.identity(`auth.${station.name}`)
  const authorizationServer = await certificates.identity(`login.${station.name}`)
  const role = createExchange({
    clock,
    random,
    emit,
    mailboxes,
    config: {
      realm: station.realm,
      host: station.name,
      domains: [station.domain],
      mailboxes: file.mailboxes.map((m) => ({
        user: m.smtp.split('@')[0] ?? m.number,
        smtp: m.smtp,
        displayName: m.name,
        extension: m.number,
        oof: oofOf(m['automatic-replies']),
      })),
    },
    keys: { authorizationServer, authCertificate: authCertificate.chain },
  })
  const teardown = new Teardown()
  const smtp = await world.hostSmtp({
    at: { host: station.bind, port: station.ports.smtp },
    handler: role.smtp,
    tls: { identity: server },
    requireTls: true,
    sizeLimit: 64 * 1024 * 1024,
    host: station.name,
    emit,
  })
  teardown.add(() => smtp.close())
  try {
    const https = await world.hostHttp({
      at: { host: station.bind, port: station.ports.https },
      handler: role.http,
      tls: { identity: server, anchors, names: 'rfc6125', clientCertificate: 'none' },
      emit,
    })
    teardown.add(() => https.close())
    const base = `https://${station.name}:${https.local.port}`
    return {
      role,
      smtp: smtp.local,
      https: https.local,
      oofClient: (client) =>
        createOofClient({
          http: world.httpClient(client, resolver),
          clock,
          random,
          tokenUrl: `${base}/{realm}/tokens/OAuth/2`,
          ewsUrl: `${base}/EWS/Exchange.asmx`,
          host: station.name,
          application: {
            appId: principals.cloudVoicemail,
            signingKey: authCertificate.key,
            certificate: authCertificate.chain,
          },
          tls: { anchors, names: 'rfc6125', serverName: station.name },
          emit: client,
        }),
      close: () => teardown.run(),
    }
  } catch (thrown) {
    await teardown.run()
    throw thrown
  }
}

/** A lab's or scenario's automatic replies as Exchange keeps them. */
export function oofOf(replies: AutomaticReplies): Partial<OofSettings> {
  if (replies === 'off') return { state: 'Disabled' }
  if (replies === 'on') return { state: 'Enabled' }
  return { state: 'Scheduled', start: Date.parse(replies.from), end: Date.parse(replies.to) }
}

/** `451 4.3.2 try later` as the receive connector takes it; RFC 3463 §2 codes are made up where none was given. */
export function smtpFaultOf({ at, reply, times }: SmtpFault): Parameters<Exchange['fault']>[0] {
  const [, code = '451', enhanced = `${code.charAt(0)}.0.0`, text = 'refused on purpose'] =
    /^(\d{3})(?: (\d\.\d{1,3}\.\d{1,3}))?(?: (.*))?$/.exec(reply) ?? []
  return { at, code: Number(code), enhanced, text, count: times }
}
