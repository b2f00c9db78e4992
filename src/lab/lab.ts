import { Bus } from '../kernel/bus.ts'
import { formatAddress, type Address } from '../kernel/address.ts'
import type { OpenOrder } from '../media/face.ts'
import { openSpool } from '../mail/spool.ts'
import { hostsResolver } from '../net/resolver.ts'
import type { WireTap } from '../net/tap.ts'
import { createPbx } from '../pbx/pbx.ts'
import { createSbc } from '../sbc/sbc.ts'
import type { Capabilities } from '../sdp/negotiate.ts'
import type { EndpointOrder, Endpoint, Hop, ListenerOrder, Transport } from '../sip/face.ts'
import { rfcTimers, type TimerTable } from '../sip/transaction/timers.ts'
import { maildirs } from '../store/maildir.ts'
import { byDiversion } from '../voicemail/personality.ts'
import { createVoicemail } from '../voicemail/voicemail.ts'
import type { Sounds } from './audio.ts'
import type { Certificates } from './certificates.ts'
import type { LabEvent, RoleAddresses } from './events.ts'
import type { Lab } from './face.ts'
import { oofOf, smtpFaultOf, startExchange } from './exchange.ts'
import { createPhone } from './phone.ts'
import type { LabFile, StationFile } from './schema.ts'
import { Teardown } from './teardown.ts'
import type { World } from './world.ts'

export interface LabOrder {
  readonly file: LabFile
  readonly sounds: Sounds
  readonly world: World
  readonly certificates: Certificates
  /** Folder for mail, spool and recordings. */
  readonly data: string
  readonly timers?: TimerTable
  /** Sees every event from the first on. */
  readonly watch?: (bus: Bus<LabEvent>) => void
  /** Sees every byte that the SBC sends and receives outside. */
  readonly outsideTap?: (write: WireTap) => void
}

const clear: Capabilities = { encodings: ['PCMU', 'PCMA'], srtp: 'none' }
const secure: Capabilities = { encodings: ['PCMU', 'PCMA'], srtp: 'required' }

/** Builds every role of a lab file, binds their ports to one another, and starts them from the mailbox backwards. */
export async function startLab(order: LabOrder): Promise<Lab> {
  const { file, world, certificates, data } = order
  const { clock, random } = world
  const bus = new Bus<LabEvent>(clock)
  order.watch?.(bus)
  const teardown = new Teardown()
  const resolver = hostsResolver({ ...hostNames(file), ...file.hosts })
  const anchors = [certificates.anchor]

  const sip = (
    station: string,
    listeners: readonly ListenerOrder[],
    tap?: (w: WireTap) => void,
  ): Omit<EndpointOrder, 'handlers'> => {
    const emit = bus.from(station)
    const timers = order.timers ?? rfcTimers
    return {
      network: world.network(emit, resolver, tap),
      resolver,
      clock,
      random,
      emit,
      timers,
      listeners,
      product: `Postern ${station}`,
    }
  }

  try {
    const recordings = world.store(`${data}/recordings`)
    const media = await world.media(`${data}/recordings`, bus.from('media'))
    teardown.add(() => media.close())
    const legs = (station: StationFile, capabilities: Capabilities) => ({
      media,
      random,
      open: openOf(station),
      capabilities,
    })

    const exchange = await startExchange({
      file,
      world,
      bus,
      certificates,
      resolver,
      mailboxes: maildirs(world.store(`${data}/mail`), { clock, random, host: file.exchange.name }),
    })
    teardown.add(() => exchange.close())

    const spool = await openSpool({
      store: world.store(`${data}/spool`),
      clock,
      random,
      emit: bus.from('voicemail'),
      schedule: file.voicemail['retry-after'],
      expiryMs: file.voicemail['give-up-after'],
      postmaster: `postmaster@${file.exchange.domain}`,
      host: file.voicemail.name,
      send: world.smtpSender({
        to: exchange.smtp,
        ehlo: file.voicemail.name,
        tls: { anchors, names: 'rfc6125', serverName: file.exchange.name },
        emit: bus.from('voicemail'),
        resolver,
      }),
    })
    teardown.add(() => spool.close())

    const voicemailEmit = bus.from('voicemail')
    const voicemail = await createVoicemail({
      sip: {
        ...sip(
          'voicemail',
          listenersOf(file.voicemail, {
            identity: await certificates.identity(file.voicemail.name),
            anchors,
            names: 'rfc5922',
            clientCertificate: 'required',
            peerNames: [file.sbc.outside.name],
          }),
        ),
      },
      ...legs(file.voicemail, secure),
      clock,
      emit: voicemailEmit,
      personality: byDiversion,
      mailboxes: order.sounds.mailboxes,
      prompts: order.sounds.prompts,
      fallback: file.voicemail['greeting-without-oauth'],
      limits: { maxMs: file.voicemail['longest-message'], silenceMs: file.voicemail.silence, stopDigits: '#' },
      tooShortMs: file.voicemail['too-short'],
      recordings,
      spool,
      host: file.voicemail.name,
      sender: `voicemail@${file.exchange.domain}`,
      oof: exchange.oofClient(voicemailEmit),
    })
    teardown.add(() => voicemail.close())

    const sbcIdentity = await certificates.identity(file.sbc.outside.name, flawOf(file.sbc.certificate))
    const toPbx = (): Hop => ({ transport: 'tcp', host: file.pbx.name, port: portOf(pbx.endpoint, 'tcp') })
    const toVoicemail: Hop = { transport: 'tls', host: file.voicemail.name, port: portOf(voicemail.endpoint, 'tls') }
    const sbc = await createSbc({
      emit: bus.from('sbc'),
      inside: {
        sip: sip('sbc', listenersOf(file.sbc.inside)),
        legs: legs(file.sbc.inside, clear),
        host: file.sbc.inside.name,
      },
      outside: {
        sip: {
          ...sip(
            'sbc',
            listenersOf(file.sbc.outside, {
              identity: sbcIdentity,
              anchors,
              names: 'rfc5922',
              clientCertificate: 'required',
              peerNames: [file.voicemail.name],
            }),
            order.outsideTap,
          ),
          tlsClient: { identity: sbcIdentity, anchors, names: 'rfc5922' },
          product: 'Postern',
        },
        legs: legs(file.sbc.outside, secure),
        host: file.sbc.outside.name,
      },
      routes: [
        { prefix: file.pilot, to: 'outside', hop: () => toVoicemail },
        ...file.extensions.map((e) => ({ prefix: e.number, to: 'inside' as const, hop: toPbx })),
      ],
    })
    teardown.add(() => sbc.close())

    const pbx = await createPbx({
      sip: sip('pbx', listenersOf(file.pbx)),
      ...legs(file.pbx, clear),
      clock,
      emit: bus.from('pbx'),
      domain: file.pbx.name,
      extensions: order.sounds.extensions,
      trunk: {
        pilot: file.pilot,
        hop: { transport: 'tcp', host: file.sbc.inside.name, port: portOf(sbc.inside, 'tcp') },
      },
    })
    teardown.add(() => pbx.close())

    const roles: RoleAddresses = {
      pbx: addressesOf(pbx.endpoint),
      sbc: { ...addressesOf(sbc.inside), ...addressesOf(sbc.outside) },
      voicemail: addressesOf(voicemail.endpoint),
      exchange: { smtp: formatAddress(exchange.smtp), https: formatAddress(exchange.https) },
    }
    const own = bus.from('lab')
    own({ type: 'lab.started', roles })
    return {
      bus,
      clock,
      roles,
      exchange: exchange.role,
      references: order.sounds.references,
      mails: (mailbox) => exchange.role.mails(mailbox),
      setAutomaticReplies: (mailbox, replies) => exchange.role.setOof(mailbox, oofOf(replies)),
      setAuthorization: (state) => exchange.role.setAuthorization(state),
      injectSmtpFault(fault) {
        own({ type: 'lab.set', what: `smtp fault at ${fault.at}`, value: `${fault.reply} ${fault.times} times` })
        exchange.role.fault(smtpFaultOf(fault))
      },
      async phone(phoneOrder) {
        const bind = file.pbx.bind
        const phone = await createPhone(phoneOrder, {
          sip: sip(phoneOrder.name, [{ transport: 'udp', face: { bind: { host: bind, port: 0 } } }]),
          media,
          random,
          open: { bind },
          capabilities: clear,
          clock,
          recordings,
          hop: { transport: 'udp', host: file.pbx.name, port: portOf(pbx.endpoint, 'udp') },
        })
        teardown.add(() => phone.close())
        return phone
      },
      async close() {
        await teardown.run()
        own({ type: 'lab.stopped' })
      },
    }
  } catch (thrown) {
    await teardown.run()
    throw thrown
  }
}

/** What the lab's own resolver knows: each role's host name and where it listens. */
export function hostNames(file: LabFile): Record<string, string> {
  const stations = [file.pbx, file.sbc.inside, file.sbc.outside, file.voicemail, file.exchange]
  return Object.fromEntries(stations.map((s) => [s.name, s.advertise ?? s.bind]))
}

function openOf(station: StationFile): OpenOrder {
  const { bind, advertise, media } = station
  return {
    bind,
    ...(advertise === undefined ? {} : { advertised: advertise }),
    ...(media === undefined ? {} : { ports: media }),
  }
}

function listenersOf(station: StationFile, tls?: ListenerOrder['tls']): readonly ListenerOrder[] {
  return Object.entries(station.ports).map(([transport, port]) => ({
    transport: transport as Transport,
    face: {
      bind: { host: station.bind, port },
      advertised: { host: station.advertise ?? station.name },
    },
    ...(tls === undefined ? {} : { tls }),
  }))
}

const addressesOf = (endpoint: Endpoint): Record<string, string> =>
  Object.fromEntries(endpoint.listening.map((l) => [l.transport, formatAddress(l.bound)]))

function portOf(endpoint: Endpoint, transport: Transport): number {
  const found: { bound: Address } | undefined = endpoint.listening.find((l) => l.transport === transport)
  return found?.bound.port ?? 0
}

const flawOf = (certificate: LabFile['sbc']['certificate']): 'expired' | 'wrong-name' | undefined =>
  certificate === 'good' ? undefined : certificate
