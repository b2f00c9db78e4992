import { Bus } from '../../src/kernel/bus.ts'
import type { LabEvent } from '../../src/lab/events.ts'
import type { World } from '../../src/lab/world.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import type { Extension } from '../../src/pbx/extension.ts'
import { createPbx, type Pbx } from '../../src/pbx/pbx.ts'
import type { Hop } from '../../src/sip/face.ts'
import { rfcTimers } from '../../src/sip/transaction/timers.ts'
import { EventLog } from './event-log.ts'
import { Peer } from './peer.ts'

const hosts = { 'pbx.inside.test': '127.0.10.10', 'sbc.inside.test': '127.0.10.20' }

/** The PBX alone: a telephone on UDP, and at the other end of its trunk a station on TCP that does what a test says. */
export class PbxLab {
  readonly pbx: Pbx
  readonly log: EventLog
  readonly phone: Peer
  readonly trunk: Peer
  readonly #closeMedia: () => Promise<void>

  private constructor(pbx: Pbx, log: EventLog, phone: Peer, trunk: Peer, closeMedia: () => Promise<void>) {
    this.pbx = pbx
    this.log = log
    this.phone = phone
    this.trunk = trunk
    this.#closeMedia = closeMedia
  }

  /** The pilot is 7000. With `deaf` nobody listens at the other end of the trunk. */
  static async start(world: World, extensions: readonly Extension[], deaf = false): Promise<PbxLab> {
    const phone = await Peer.open({ world, bind: '127.0.10.99', transport: 'udp', hosts })
    const trunk = await Peer.open({ world, bind: '127.0.10.20', name: 'sbc.inside.test', transport: 'tcp', hosts })
    const process = world.process('pbx', '127.0.10.10')
    const { clock, random } = process
    const bus = new Bus<LabEvent>(clock)
    const log = new EventLog(bus)
    const emit = bus.from('pbx')
    const resolver = hostsResolver(hosts)
    const network = process.network(emit, resolver)
    const media = await process.media('recordings', emit)
    const face = { bind: { host: '127.0.10.10', port: 0 }, advertised: { host: 'pbx.inside.test' } }
    const pbx = await createPbx({
      sip: {
        network,
        resolver,
        clock,
        random,
        emit,
        timers: rfcTimers,
        listeners: [
          { transport: 'udp', face },
          { transport: 'tcp', face },
        ],
      },
      media,
      random,
      open: { bind: '127.0.10.10' },
      capabilities: { encodings: ['PCMU', 'PCMA'], srtp: 'none' },
      clock,
      emit,
      domain: 'pbx.inside.test',
      extensions,
      trunk: { pilot: '7000', hop: { transport: 'tcp', host: 'sbc.inside.test', port: deaf ? 9 : trunk.port } },
    })
    return new PbxLab(pbx, log, phone, trunk, () => media.close())
  }

  /** The PBX as a telephone reaches it. */
  get hop(): Hop {
    return { transport: 'udp', host: 'pbx.inside.test', port: this.pbx.endpoint.listening[0]?.bound.port ?? 0 }
  }

  get logs(): readonly EventLog[] {
    return [this.log, this.phone.log, this.trunk.log]
  }

  async close(): Promise<void> {
    await Promise.all([this.phone.close(), this.trunk.close(), this.pbx.close()])
    await this.#closeMedia()
  }
}
