import { createOofClient, type OofAnswer } from '../ews/client.ts'
import { principals } from '../ews/oauth/names.ts'
import type { Address } from '../kernel/address.ts'
import { openSpool, type Spool } from '../mail/spool.ts'
import { byDiversion } from '../voicemail/personality.ts'
import { createVoicemail, type Voicemail } from '../voicemail/voicemail.ts'
import { emitOf, legsOf, listenersOf, secure, sipOrder, type Site } from './site.ts'
import { Teardown } from './teardown.ts'
import type { Process } from './world.ts'

/** The voicemail service with its spool. */
export async function startVoicemail(site: Site, process: Process): Promise<Voicemail> {
  const { file, certificates, sounds, data, ports } = site
  const { voicemail: station, exchange } = file
  const teardown = new Teardown()
  const emit = emitOf(site, process, 'voicemail')
  const anchors = [certificates.anchor]
  try {
    const spool = await startSpool(site, process)
    teardown.add(() => spool.close())
    const listeners = listenersOf(ports, station, {
      identity: await certificates.identity(station.name),
      anchors,
      names: 'rfc5922',
      clientCertificate: 'required',
      peerNames: [file.sbc.outside.name],
    })
    const voicemail = await createVoicemail({
      sip: sipOrder(site, process, 'voicemail', listeners),
      ...legsOf(await site.media(process), process, station, secure),
      clock: process.clock,
      emit,
      personality: byDiversion,
      mailboxes: sounds.mailboxes,
      prompts: sounds.prompts,
      fallback: station['greeting-without-oauth'],
      limits: { maxMs: station['longest-message'], silenceMs: station.silence, stopDigits: '#', syncMs: 1000 },
      tooShortMs: station['too-short'],
      recordings: process.store(`${data}/recordings`),
      spool,
      host: station.name,
      sender: `voicemail@${exchange.domain}`,
      oof: await oofClient(site, process),
    })
    teardown.add(() => voicemail.close())
    ports.keepAll(station.name, voicemail.endpoint)
    return { ...voicemail, close: () => teardown.run() }
  } catch (thrown) {
    await teardown.run()
    throw thrown
  }
}

function startSpool(site: Site, process: Process): Promise<Spool> {
  const { file, certificates, data, resolver } = site
  const { voicemail: station, exchange } = file
  const emit = emitOf(site, process, 'voicemail')
  return openSpool({
    store: process.store(`${data}/spool`),
    clock: process.clock,
    random: process.random,
    emit,
    schedule: station['retry-after'],
    expiryMs: station['give-up-after'],
    postmaster: `postmaster@${exchange.domain}`,
    host: station.name,
    send: process.smtpSender({
      to: exchangeAt(site, 'smtp'),
      ehlo: station.name,
      tls: { anchors: [certificates.anchor], names: 'rfc6125', serverName: exchange.name },
      emit,
      resolver,
    }),
  })
}

/** The way to ask for the out-of-office state: EWS over HTTPS with OAuth. */
async function oofClient(site: Site, process: Process): Promise<(smtp: string) => Promise<OofAnswer>> {
  const { certificates, file, resolver } = site
  const { exchange } = file
  const emit = emitOf(site, process, 'voicemail')
  const authCertificate = await certificates.identity(`auth.${exchange.name}`)
  const base = `https://${exchange.name}:${exchangeAt(site, 'https').port}`
  return createOofClient({
    http: process.httpClient(emit, resolver),
    clock: process.clock,
    random: process.random,
    tokenUrl: `${base}/{realm}/tokens/OAuth/2`,
    ewsUrl: `${base}/EWS/Exchange.asmx`,
    host: exchange.name,
    application: {
      appId: principals.cloudVoicemail,
      signingKey: authCertificate.key,
      certificate: authCertificate.chain,
    },
    tls: { anchors: [certificates.anchor], names: 'rfc6125', serverName: exchange.name },
    emit,
  })
}

function exchangeAt({ file: { exchange }, ports }: Site, service: 'smtp' | 'https'): Address {
  return { host: exchange.bind, port: ports.of(exchange.name, service) }
}
