import type { Lab } from '../../src/lab/face.ts'
import type { Sounds } from '../../src/lab/audio.ts'
import { startLab } from '../../src/lab/lab.ts'
import { loadLab, type LoadedLab } from '../../src/lab/load.ts'
import type { LabFile } from '../../src/lab/schema.ts'
import type { Process, World } from '../../src/lab/world.ts'
import { readMail, type ReadMail } from '../../src/mail/read.ts'
import { beep, findTones } from '../../src/media/ears/tone.ts'
import { EventLog } from './event-log.ts'
import { Peer, type PeerOrder } from './peer.ts'
import { virtualCertificates } from './virtually.ts'

/** Hz of the short tones that stand for greetings, so that a caller can tell them apart; the beep is 1000 Hz. */
export const greetingHz = { standard: 500, oof: 700, systemStandard: 1400, systemOof: 1800 } as const
export const beepHz = 1000

const tone = (hz: number): Int16Array => beep(hz, 200)

/** The tones that were heard, in Hz, in order. */
export const heardHz = (heard: Int16Array): readonly number[] =>
  findTones(heard).map(({ frequencyHz }) => Math.round(frequencyHz / 20) * 20)

/** A world whose processes differ by what `change` makes of their ports. */
export function altered(world: World, change: (process: Process) => Partial<Process>): World {
  return {
    ...world,
    process(name, host) {
      const process = world.process(name, host)
      const alive = { get: () => process.alive, enumerable: true }
      return Object.defineProperties({ ...process, ...change(process) }, { alive })
    },
  }
}

let embedded: Promise<LoadedLab> | undefined

export interface RoleLabOrder {
  readonly file?: (file: LabFile) => LabFile
  readonly sounds?: (sounds: Sounds) => Sounds
}

/** The embedded lab with everything that takes time made short. */
export class RoleLab {
  readonly lab: Lab
  readonly file: LabFile
  readonly log: EventLog

  readonly #world: World

  private constructor(world: World, lab: Lab, file: LabFile, log: EventLog) {
    this.#world = world
    this.lab = lab
    this.file = file
    this.log = log
  }

  static async start(world: World, { file: change = same, sounds = same }: RoleLabOrder = {}): Promise<RoleLab> {
    const loaded = await (embedded ??= loadLab('labs/embedded.yaml'))
    const file = change(brief(loaded.file))
    const logs: EventLog[] = []
    const lab = await startLab({
      file,
      sounds: sounds(toned(loaded.sounds)),
      world,
      certificates: await virtualCertificates(),
      data: '/lab',
      watch: (bus) => logs.push(new EventLog(bus)),
    })
    return new RoleLab(world, lab, file, logs[0] ?? new EventLog(lab.bus))
  }

  /** A station that can reach voicemail as the SBC does, unless the order says otherwise. */
  async peer(order: Partial<PeerOrder> & { readonly known?: false } = {}): Promise<Peer> {
    const certificates = await virtualCertificates()
    const { known = true, ...more } = order
    return Peer.open({
      world: this.#world,
      bind: '127.0.20.99',
      transport: 'tls',
      srtp: true,
      hosts: { [this.file.voicemail.name]: this.file.voicemail.bind, [this.file.pbx.name]: this.file.pbx.bind },
      anchor: certificates.anchor,
      ...(known ? { identity: await certificates.identity(this.file.sbc.outside.name) } : {}),
      ...more,
    })
  }

  get voicemail(): { readonly transport: 'tls'; readonly host: string; readonly port: number } {
    const port = Number(this.lab.roles['voicemail']?.['tls']?.split(':').at(-1))
    return { transport: 'tls', host: this.file.voicemail.name, port }
  }

  /** Mails in a mailbox, oldest first, once there are `count`. */
  async mails(mailbox: string, count = 1): Promise<readonly ReadMail[]> {
    const { user } = this.lab.exchange.mailbox(mailbox)
    const delivered = (): number =>
      this.log.of('exchange.mail', (m) => m.mailbox === user && m.outcome === 'delivered').length
    while (delivered() < count) {
      const seen = this.log.events.length
      await this.log.until('exchange.mail', (m) => m.seq > seen && m.mailbox === user && m.outcome === 'delivered')
    }
    return Promise.all((await this.lab.mails(mailbox)).map(({ message }) => readMail(message)))
  }

  close(): Promise<void> {
    return this.lab.close()
  }
}

const same = <T>(value: T): T => value

const brief = (file: LabFile): LabFile => ({
  ...file,
  extensions: file.extensions.map((e) => ({ ...e, ring: 50 })),
  voicemail: { ...file.voicemail, silence: 2000, 'too-short': 100, 'retry-after': [50] },
})

const toned = (sounds: Sounds): Sounds => ({
  ...sounds,
  extensions: sounds.extensions.map((e) => ({ ...e, ringMs: 50 })),
  prompts: { standard: tone(greetingHz.systemStandard), oof: tone(greetingHz.systemOof) },
  mailboxes: sounds.mailboxes.map((m) => ({
    ...m,
    greetings: { standard: tone(greetingHz.standard), oof: tone(greetingHz.oof) },
  })),
})

export const diversion = (number: string, reason = 'no-answer'): { readonly name: string; readonly value: string } => ({
  name: 'Diversion',
  value: `<sip:${number}@sbc.edge.test>;reason=${reason}`,
})
