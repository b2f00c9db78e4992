import { createPbx, type Pbx } from '../pbx/pbx.ts'
import { clear, emitOf, legsOf, listenersOf, sipOrder, type Site } from './site.ts'
import type { Process } from './world.ts'

export async function startPbx(site: Site, process: Process): Promise<Pbx> {
  const { file, ports } = site
  const pbx = await createPbx({
    sip: sipOrder(site, process, 'pbx', listenersOf(ports, file.pbx)),
    ...legsOf(await site.media(process), process, file.pbx, clear),
    clock: process.clock,
    emit: emitOf(site, process, 'pbx'),
    domain: file.pbx.name,
    extensions: site.sounds.extensions,
    trunk: {
      pilot: file.pilot,
      hop: { transport: 'tcp', host: file.sbc.inside.name, port: ports.of(file.sbc.inside.name, 'tcp') },
    },
  })
  ports.keepAll(file.pbx.name, pbx.endpoint)
  return pbx
}
