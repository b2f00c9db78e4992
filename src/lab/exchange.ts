import type { Address } from '../kernel/address.ts'
import type { OofSettings } from '../ews/oof.ts'
import { createExchange, type Exchange } from '../exchange/exchange.ts'
import { maildirs } from '../store/maildir.ts'
import type { AutomaticReplies, SmtpFault } from './face.ts'
import { emitOf, type Site } from './site.ts'
import { Teardown } from './teardown.ts'
import type { Process } from './world.ts'

/** The exchange role with its two listeners: the receive connector and the web services. */
export interface RunningExchange {
  readonly role: Exchange
  readonly smtp: Address
  readonly https: Address
  close(): Promise<void>
}

export async function startExchange(site: Site, process: Process): Promise<RunningExchange> {
  const { file, certificates, ports, data } = site
  const { exchange: station } = file
  const { clock, random } = process
  const emit = emitOf(site, process, 'exchange')
  const server = await certificates.identity(station.name)
  const authCertificate = await certificates.identity(`auth.${station.name}`)
  const role = createExchange({
    clock,
    random,
    emit,
    mailboxes: maildirs(process.store(`${data}/mail`), { clock, random, host: station.name }),
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
    keys: {
      authorizationServer: await certificates.identity(`login.${station.name}`),
      authCertificate: authCertificate.chain,
    },
  })
  const at = (service: 'smtp' | 'https'): Address => {
    const port = station.ports[service]
    return { host: station.bind, port: port === 0 ? ports.of(station.name, service) : port }
  }
  const teardown = new Teardown()
  const smtp = await process.hostSmtp({
    at: at('smtp'),
    handler: role.smtp,
    tls: { identity: server },
    requireTls: true,
    sizeLimit: 64 * 1024 * 1024,
    host: station.name,
    emit,
  })
  teardown.add(() => smtp.close())
  try {
    const https = await process.hostHttp({
      at: at('https'),
      handler: role.http,
      tls: { identity: server, anchors: [certificates.anchor], names: 'rfc6125', clientCertificate: 'none' },
      emit,
    })
    teardown.add(() => https.close())
    ports.keep(station.name, 'smtp', smtp.local.port)
    ports.keep(station.name, 'https', https.local.port)
    return { role, smtp: smtp.local, https: https.local, close: () => teardown.run() }
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
