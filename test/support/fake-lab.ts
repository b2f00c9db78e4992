import { oofDisabled } from '../../src/ews/oof.ts'
import type { Exchange, Mailbox, PartnerApplication } from '../../src/exchange/exchange.ts'
import { Bus } from '../../src/kernel/bus.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import type { StoredMail } from '../../src/kernel/store.ts'
import type { LabEvent } from '../../src/lab/events.ts'
import type { Lab, Phone } from '../../src/lab/face.ts'

const anna: Mailbox = {
  user: 'anna.berg',
  smtp: 'anna.berg@postern.test',
  displayName: 'Anna Berg',
  extension: '1001',
  oof: oofDisabled,
}

const voicemail: PartnerApplication = {
  name: 'CloudVoicemail',
  appId: 'db7de2b5',
  present: true,
  enabled: true,
  keys: [{ certificate: 'PEM' }],
}

/** A running lab of one mailbox, without roles: it writes down what it is told. */
export class FakeLab implements Lab {
  readonly clock = new ManualClock()
  readonly bus = new Bus<LabEvent>(this.clock)
  readonly roles = { pbx: { udp: '127.0.10.10:5060' } }
  readonly references = new Map<string, Int16Array>()
  readonly log: string[] = []
  readonly stored: StoredMail[] = []
  /** Thrown by whatever is asked next. */
  broken: Error | undefined
  readonly exchange: Exchange

  constructor() {
    const nowhere = () => Promise.reject(new Error('the fake lab has no listeners'))
    this.exchange = {
      http: nowhere,
      smtp: { sender: nowhere, recipient: nowhere, message: nowhere },
      mailbox: (name) => this.#find(name),
      mails: (name) => this.mails(name),
      setOof: (name) => void this.log.push(`oof ${name}`),
      applications: () => [voicemail],
      setApplication: (name, change) => {
        if (name !== voicemail.name) throw new PosternError('application-unknown', `No application "${name}"`)
        this.log.push(`application ${name} ${JSON.stringify(change)}`)
      },
      setServicePrincipalKeys: (name) => void this.log.push(`keys ${name}`),
      setAuthorization: (state) => void this.log.push(`exchange authorization ${state}`),
      fault: (fault) => void this.log.push(`fault ${fault.code}`),
      clearFaults: () => void this.log.push('clear faults'),
    }
  }

  mails(name: string): Promise<readonly StoredMail[]> {
    return Promise.resolve().then(() => {
      if (this.broken !== undefined) throw this.broken
      this.#find(name)
      return this.stored
    })
  }

  setAutomaticReplies(name: string, replies: unknown): void {
    this.#find(name)
    this.log.push(`replies ${name} ${JSON.stringify(replies)}`)
  }

  setAuthorization(state: string): void {
    this.log.push(`authorization ${state}`)
  }

  kill(role: string, power = false): void {
    this.log.push(`kill ${role}${power ? ', power lost' : ''}`)
  }

  restart(role: string): Promise<void> {
    this.log.push(`restart ${role}`)
    return Promise.resolve()
  }

  injectSmtpFault(fault: unknown): void {
    this.log.push(`smtp ${JSON.stringify(fault)}`)
  }

  phone(): Promise<Phone> {
    return Promise.reject(new Error('the fake lab has no telephones'))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #find(name: string): Mailbox {
    if ([anna.user, anna.smtp, anna.extension].includes(name)) return anna
    throw new PosternError('mailbox-unknown', `No mailbox "${name}" at Exchange`)
  }
}
