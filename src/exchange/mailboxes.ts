import { PosternError } from '../kernel/errors.ts'
import { oofDisabled, type OofSettings } from '../ews/oof.ts'
import { postmaster, type ExchangeConfig, type MailboxConfig } from './config.ts'

/** A mailbox as scenarios see it. */
export interface Mailbox {
  readonly user: string
  readonly smtp: string
  readonly displayName: string
  /** Empty for the postmaster. */
  readonly extension: string
  readonly oof: OofSettings
}

/** Who has a mailbox here. Found by user, SMTP address or extension; letters of either case are one. */
export interface Directory {
  find(name: string): Mailbox | undefined
  /** @throws PosternError mailbox-unknown */
  get(name: string): Mailbox
  /** True for an address in a domain of ours; a bare `postmaster` is ours too (RFC 5321 §4.5.1). */
  accepts(address: string): boolean
  /** @throws PosternError mailbox-unknown */
  setOof(name: string, change: Partial<OofSettings>): Mailbox
}

export function createDirectory(config: ExchangeConfig): Directory {
  const domains = config.domains.map((d) => d.toLowerCase())
  const byName = new Map<string, string>()
  const mailboxes = new Map<string, Mailbox>()
  const postbox: MailboxConfig = { user: postmaster, displayName: 'Postmaster', extension: '' }
  for (const entry of [postbox, ...config.mailboxes]) {
    const mailbox = mailboxOf(entry, config.domains[0] ?? config.host)
    mailboxes.set(mailbox.user, mailbox)
    for (const name of [mailbox.user, mailbox.smtp, mailbox.extension]) {
      if (name !== '') byName.set(name.toLowerCase(), mailbox.user)
    }
  }

  const find = (name: string): Mailbox | undefined => mailboxes.get(byName.get(name.toLowerCase()) ?? '')
  const get = (name: string): Mailbox => {
    const mailbox = find(name)
    if (mailbox !== undefined) return mailbox
    const users = [...mailboxes.keys()].join(', ')
    throw new PosternError('mailbox-unknown', `No mailbox "${name}" at Exchange: expected one of ${users}`)
  }
  return {
    find,
    get,
    accepts: (address) => domains.includes(domainOf(address)) || address.toLowerCase() === postmaster,
    setOof(name, change) {
      const mailbox = get(name)
      const changed = { ...mailbox, oof: { ...mailbox.oof, ...change } }
      mailboxes.set(mailbox.user, changed)
      return changed
    },
  }
}

function mailboxOf({ user, smtp, displayName, extension, oof }: MailboxConfig, domain: string): Mailbox {
  return { user, smtp: smtp ?? `${user}@${domain}`, displayName, extension, oof: { ...oofDisabled, ...oof } }
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase()
