import { createSbc, type Sbc } from '../sbc/sbc.ts'
import type { Hop } from '../sip/face.ts'
import type { LabFile } from './schema.ts'
import { clear, emitOf, legsOf, listenersOf, secure, sipOrder, type Site } from './site.ts'
import type { Process } from './world.ts'

export async function startSbc(site: Site, process: Process): Promise<Sbc> {
  const { file, ports, certificates } = site
  const { inside, outside } = file.sbc
  const identity = await certificates.identity(outside.name, flawOf(file.sbc.certificate))
  const anchors = [certificates.anchor]
  const media = await site.media(process)
  const outsideListeners = listenersOf(ports, outside, {
    identity,
    anchors,
    names: 'rfc5922',
    clientCertificate: 'required',
    peerNames: [file.voicemail.name],
  })
  const sbc = await createSbc({
    emit: emitOf(site, process, 'sbc'),
    inside: {
      sip: sipOrder(site, process, 'sbc', listenersOf(ports, inside)),
      legs: legsOf(media, process, inside, clear),
      host: inside.name,
    },
    outside: {
      sip: {
        ...sipOrder(site, process, 'sbc', outsideListeners, site.outsideTap),
        tlsClient: { identity, anchors, names: 'rfc5922' },
        product: 'Postern',
      },
      legs: legsOf(media, process, outside, secure),
      host: outside.name,
    },
    routes: [
      { prefix: file.pilot, to: 'outside', hop: hopTo(site, 'tls', file.voicemail.name) },
      ...file.extensions.map((e) => ({
        prefix: e.number,
        to: 'inside' as const,
        hop: hopTo(site, 'tcp', file.pbx.name),
      })),
    ],
  })
  ports.keepAll(inside.name, sbc.inside)
  ports.keepAll(outside.name, sbc.outside)
  return sbc
}

const hopTo =
  ({ ports }: Site, transport: 'tcp' | 'tls', host: string): (() => Hop) =>
  () => ({ transport, host, port: ports.of(host, transport) })

const flawOf = (certificate: LabFile['sbc']['certificate']): 'expired' | 'wrong-name' | undefined =>
  certificate === 'good' ? undefined : certificate
