import { Bus } from '../kernel/bus.ts'
import { formatAddress } from '../kernel/address.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { MediaPort } from '../media/face.ts'
import { hostsResolver } from '../net/resolver.ts'
import type { WireTap } from '../net/tap.ts'
import { rfcTimers, type TimerTable } from '../sip/transaction/timers.ts'
import type { Sounds } from './audio.ts'
import type { Certificates } from './certificates.ts'
import type { LabEvent, RoleAddresses } from './events.ts'
import { oofOf, smtpFaultOf, startExchange, type RunningExchange } from './exchange.ts'
import type { Lab, PhoneOrder, RoleName } from './face.ts'
import { startPbx } from './pbx.ts'
import { createPhone } from './phone.ts'
import { Running } from './running.ts'
import { startSbc } from './sbc.ts'
import type { LabFile } from './schema.ts'
import { addressesOf, clear, hostNames, ListeningPorts, sipOrder, type Site } from './site.ts'
import { Teardown } from './teardown.ts'
import { startVoicemail } from './voicemail.ts'
import type { Process, World } from './world.ts'

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

/** Builds every role of a lab file, binds their ports to one another, and starts them from the mailbox backwards. */
export async function startLab(order: LabOrder): Promise<Lab> {
  const { file, world, sounds } = order
  const bus = new Bus<LabEvent>(world.clock)
  order.watch?.(bus)
  const teardown = new Teardown()
  const site: Site = {
    file,
    sounds,
    world,
    certificates: order.certificates,
    resolver: hostsResolver({ ...hostNames(file), ...file.hosts }),
    bus,
    data: order.data,
    timers: order.timers ?? rfcTimers,
    ports: new ListeningPorts(),
    media: mediaOf(order, bus, teardown),
    ...(order.outsideTap === undefined ? {} : { outsideTap: order.outsideTap }),
  }
  const run = async <Role extends { close(): Promise<void> }>(
    name: RoleName,
    host: string,
    start: (site: Site, process: Process) => Promise<Role>,
  ): Promise<Running<Role>> => {
    const running = await Running.start(
      name,
      () => world.process(name, host),
      (process) => start(site, process),
    )
    teardown.add(() => running.close())
    return running
  }
  try {
    const exchange = await run('exchange', file.exchange.bind, startExchange)
    const voicemail = await run('voicemail', file.voicemail.bind, startVoicemail)
    const sbc = await run('sbc', file.sbc.outside.bind, startSbc)
    const pbx = await run('pbx', file.pbx.bind, startPbx)
    const roles: RoleAddresses = {
      pbx: addressesOf(pbx.now.endpoint),
      sbc: { ...addressesOf(sbc.now.inside), ...addressesOf(sbc.now.outside) },
      voicemail: addressesOf(voicemail.now.endpoint),
      exchange: { smtp: formatAddress(exchange.now.smtp), https: formatAddress(exchange.now.https) },
    }
    const own = bus.from('lab')
    const running = { exchange, voicemail, sbc, pbx }
    const state = new ExchangeState(exchange)
    own({ type: 'lab.started', roles })
    return {
      bus,
      clock: world.clock,
      roles,
      get exchange(): Exchange {
        return exchange.now.role
      },
      references: sounds.references,
      mails: (mailbox) => exchange.ask(({ role }) => role.mails(mailbox), []),
      setAutomaticReplies: (mailbox, replies) =>
        state.set(`replies ${mailbox}`, (role) => role.setOof(mailbox, oofOf(replies))),
      setAuthorization: (authorization) => state.set('authorization', (role) => role.setAuthorization(authorization)),
      injectSmtpFault(fault) {
        own({ type: 'lab.set', what: `smtp fault at ${fault.at}`, value: `${fault.reply} ${fault.times} times` })
        exchange.now.role.fault(smtpFaultOf(fault))
      },
      kill(role, power = false) {
        running[role].kill(power)
        own({ type: 'lab.killed', role, power })
      },
      async restart(role) {
        await running[role].restart()
        if (role === 'exchange') state.apply()
        own({ type: 'lab.restarted', role })
      },
      async phone(phoneOrder) {
        const phone = await startPhone(site, phoneOrder)
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

/** What a real Exchange server keeps in its directory, and ours must find again when it starts anew. */
class ExchangeState {
  readonly #exchange: Running<RunningExchange>
  readonly #set = new Map<string, (role: Exchange) => void>()

  constructor(exchange: Running<RunningExchange>) {
    this.#exchange = exchange
  }

  set(what: string, apply: (role: Exchange) => void): void {
    apply(this.#exchange.now.role)
    this.#set.set(what, apply)
  }

  apply(): void {
    for (const apply of this.#set.values()) apply(this.#exchange.now.role)
  }
}

/** A telephone on the PBX, in a process of its own. */
async function startPhone(site: Site, order: PhoneOrder): ReturnType<typeof createPhone> {
  const { file, ports, data } = site
  const { bind, name } = file.pbx
  const process = site.world.process(order.name, bind)
  return createPhone(order, {
    sip: sipOrder(site, process, order.name, [{ transport: 'udp', face: { bind: { host: bind, port: 0 } } }]),
    media: await site.media(process),
    random: process.random,
    open: { bind },
    capabilities: clear,
    clock: process.clock,
    recordings: process.store(`${data}/recordings`),
    hop: { transport: 'udp', host: name, port: ports.of(name, 'udp') },
  })
}

/** Processes that can be killed have media of their own; the others share one engine. */
function mediaOf({ data, world }: LabOrder, bus: Bus<LabEvent>, teardown: Teardown): Site['media'] {
  let shared: Promise<MediaPort> | undefined
  const open = async (ports: Pick<Process, 'media'>, alive: () => boolean): Promise<MediaPort> => {
    const emit = bus.from('media')
    const media = await ports.media(`${data}/recordings`, (event) => {
      if (alive()) emit(event)
    })
    teardown.add(() => (alive() ? media.close() : Promise.resolve()))
    return media
  }
  return (process) =>
    process.kill === undefined ? (shared ??= open(world, () => true)) : open(process, () => process.alive)
}
