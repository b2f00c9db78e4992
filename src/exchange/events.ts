import type { OofSettings } from '../ews/oof.ts'
import type { SmtpReply } from '../kernel/smtp.ts'
import type { Authorization } from './applications.ts'

/** What the exchange role says. */
export type ExchangeEvent =
  | {
      readonly type: 'exchange.mail'
      /** The mailbox's user, or the address as given where there is no such mailbox. */
      readonly mailbox: string
      /** Message-ID; missing when the mail was refused before its header came. */
      readonly id?: string
      readonly outcome: 'delivered' | 'duplicate' | 'refused'
      /** Message class, [MS-OXCMAIL] §2.2.3.2.15. */
      readonly class?: string
      /** What the sender was told, when refused. */
      readonly reply?: SmtpReply
    }
  | {
      readonly type: 'exchange.http'
      readonly method: string
      readonly path: string
      readonly status: number
      /** x-ms-diagnostics, or why the authorization server refused. */
      readonly diagnostics?: string
    }
  | { readonly type: 'exchange.oof-set'; readonly mailbox: string; readonly settings: OofSettings }
  | {
      readonly type: 'exchange.authorization-set'
      /** The named state; or `application` or `keys` when one application was set by itself. */
      readonly setting: Authorization | 'application' | 'keys'
      readonly application?: string
    }
