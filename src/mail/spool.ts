import type { Emit } from '../kernel/bus.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { token, type Random } from '../kernel/random.ts'
import type { Envelope, SmtpOutcome, SmtpSender } from '../kernel/smtp.ts'
import type { Store } from '../kernel/store.ts'
import {
  begin,
  step,
  textOf,
  type Delivery,
  type DeliveryEffect,
  type DeliveryEvent,
  type RetryRules,
} from './delivery.ts'
import { envelopeOf, keyOf, type SpoolEntry } from './entry.ts'
import type { MailEvent } from './events.ts'
import { composeNonDelivery } from './non-delivery.ts'
import { spoolFiles, type SpoolFiles } from './spool-files.ts'

export interface SpoolOrder {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly send: SmtpSender
  readonly emit: Emit<MailEvent>
  /** Mailbox that non-delivery reports go to. */
  readonly postmaster: string
  /** Our host name, in reports. */
  readonly host: string
  /** ms between attempts; `defaultRetry` when left out. */
  readonly schedule?: readonly number[]
  readonly expiryMs?: number
  /** Attempts under way at one time; 4 when left out. */
  readonly concurrency?: number
}

export interface Submission {
  /** The submitter's own name for the message; the same one submitted again while it is spooled is one message. */
  readonly id: string
  readonly envelope: Envelope
  readonly message: Uint8Array
  /** For people who look into the spool. */
  readonly note?: string
}

export interface Spool {
  /**
   * Resolves when the message is safe on disk; from then on it ends delivered, reported or set aside.
   * @throws PosternError store-failed
   */
  submit(submission: Submission): Promise<void>
  /** Messages accepted and not yet delivered, reported or set aside; each recipient counts. */
  readonly pending: number
  /** Resolves when nothing is pending. */
  idle(): Promise<void>
  /** Starts no further attempt, and resolves when those under way are over. What is left is picked up by the next `openSpool`. */
  close(): Promise<void>
}

/** RFC 5321 §4.5.4.1 asks for 30 minutes and 4 to 5 days; the first retries come sooner, as its note on two quick ones allows. */
export const defaultRetry: RetryRules = {
  schedule: [30_000, 120_000, 600_000, 1_800_000, 7_200_000],
  expiryMs: 345_600_000,
}

/**
 * Opens the spool in `spool/` of the store and takes up every message found there.
 * @throws PosternError store-failed when the folder cannot be read
 */
export async function openSpool(order: SpoolOrder): Promise<Spool> {
  const spool = new OpenSpool(order)
  await spool.restore()
  return spool
}

interface Item {
  readonly key: string
  delivery: Delivery
  cancel?: () => void
}

class OpenSpool implements Spool {
  readonly #order: SpoolOrder
  readonly #rules: RetryRules
  readonly #files: SpoolFiles
  readonly #items = new Map<string, Item>()
  readonly #writing = new Map<string, Promise<void>>()
  readonly #running = new Set<Promise<void>>()
  #due: Item[] = []
  #idle: (() => void)[] = []
  #closed = false

  constructor(order: SpoolOrder) {
    this.#order = order
    this.#files = spoolFiles(order.store)
    this.#rules = {
      schedule: order.schedule ?? defaultRetry.schedule,
      expiryMs: order.expiryMs ?? defaultRetry.expiryMs,
    }
  }

  get pending(): number {
    return this.#items.size
  }

  async submit({ id, envelope, message, note }: Submission): Promise<void> {
    if (this.#closed) throw new PosternError('store-failed', `cannot spool ${id}: the spool is closed`)
    const submitted = this.#order.clock.wall()
    for (const to of envelope.to) {
      await this.#put(
        { id, from: envelope.from, to, ...(note !== undefined && { note }), submitted, attempts: 0, next: submitted },
        message,
      )
    }
  }

  async idle(): Promise<void> {
    if (this.#items.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#due = []
    for (const item of this.#items.values()) item.cancel?.()
    await Promise.all([...this.#writing.values(), ...this.#running])
  }

  /** A message without an entry was never accepted, or is delivered. */
  async restore(): Promise<void> {
    const { entries, orphans, strays } = await this.#files.found()
    for (const key of entries) await this.#quietly(key, () => this.#restoreEntry(key))
    for (const key of orphans) await this.#quietly(key, () => this.#files.remove(key))
    for (const name of strays) await this.#quietly(name, () => this.#setAsideStray(name))
    this.#pump()
  }

  async #restoreEntry(key: string): Promise<void> {
    const entry = await this.#files.entry(key)
    if (entry) this.#take(key, { ...entry, next: Math.min(entry.next, this.#latest()) })
    else await this.#setAside(key, 'the entry cannot be read')
  }

  /** Should the wall clock have been set back meanwhile, nobody waits longer than one interval. */
  #latest(): number {
    return this.#order.clock.wall() + Math.max(0, ...this.#rules.schedule)
  }

  /** The message first, then the entry that makes it count. */
  async #put(entry: SpoolEntry, message: Uint8Array): Promise<void> {
    const key = keyOf(entry.id, entry.to)
    if (this.#items.has(key)) return
    const known = this.#writing.get(key)
    if (known) return known
    const written = this.#write(key, entry, message).finally(() => this.#writing.delete(key))
    this.#writing.set(key, written)
    return written
  }

  async #write(key: string, entry: SpoolEntry, message: Uint8Array): Promise<void> {
    await this.#files.write(key, entry, message)
    const { id, to, note } = entry
    this.#order.emit({ type: 'mail.spooled', id, to, bytes: message.length, ...(note !== undefined && { note }) })
    this.#take(key, entry)
    this.#pump()
  }

  #take(key: string, entry: SpoolEntry): void {
    const [delivery, effects] = begin(entry)
    const item: Item = { key, delivery }
    this.#items.set(key, item)
    for (const effect of effects) if (effect.do === 'wake') this.#wake(item, effect.at)
  }

  #wake(item: Item, at: number): void {
    item.cancel?.()
    if (this.#closed) return
    const left = at - this.#order.clock.wall()
    if (left <= 0) this.#due.push(item)
    else {
      item.cancel = this.#order.clock.after(left, () => {
        this.#due.push(item)
        this.#pump()
      })
    }
  }

  #pump(): void {
    while (this.#running.size < (this.#order.concurrency ?? 4)) {
      const item = this.#due.shift()
      if (item === undefined) return
      const run = this.#feed(item, { type: 'due' }).finally(() => {
        this.#running.delete(run)
        this.#pump()
      })
      this.#running.add(run)
    }
  }

  /** Carries out all that follows from one event. Never rejects. */
  async #feed(item: Item, event: DeliveryEvent): Promise<void> {
    const [next, effects] = step(item.delivery, event, this.#rules)
    item.delivery = next
    if (next.status === 'gone') this.#forget(item)
    for (const effect of effects) await this.#carryOut(item, effect)
  }

  #forget(item: Item): void {
    this.#items.delete(item.key)
    if (this.#items.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #carryOut(item: Item, effect: DeliveryEffect): Promise<void> {
    const { key, delivery } = item
    switch (effect.do) {
      case 'emit': {
        this.#order.emit(effect.event)
        return
      }
      case 'wake': {
        this.#wake(item, effect.at)
        return
      }
      case 'send':
        return this.#send(item)
      case 'save':
        return this.#finish(item, () => this.#files.save(key, delivery.entry))
      case 'report':
        return this.#finish(item, () => this.#report(key, delivery))
      case 'remove':
        return this.#finish(item, () => this.#files.remove(key))
      case 'set-aside':
        return this.#finish(item, () => this.#setAside(key, delivery.reason ?? ''))
    }
  }

  async #finish(item: Item, work: () => Promise<void>): Promise<void> {
    const event = await work().then(
      (): DeliveryEvent => ({ type: 'done' }),
      (failure: unknown): DeliveryEvent => ({
        type: 'failed',
        text: messageOf(failure),
        wall: this.#order.clock.wall(),
      }),
    )
    await this.#feed(item, event)
  }

  async #send(item: Item): Promise<void> {
    const { clock, send } = this.#order
    let message: Uint8Array | undefined
    try {
      message = await this.#files.message(item.key)
    } catch (failure) {
      return this.#feed(item, { type: 'failed', text: messageOf(failure), wall: clock.wall() })
    }
    if (message === undefined) return this.#feed(item, { type: 'unusable', text: 'its message is missing' })
    const outcome = await send(envelopeOf(item.delivery.entry), message).catch((failure: unknown): SmtpOutcome => ({
      outcome: 'unreachable',
      text: messageOf(failure),
    }))
    return this.#feed(item, { type: 'outcome', outcome, wall: clock.wall() })
  }

  /** The report has an id made from its subject, so that after a crash the same one is not spooled twice. */
  async #report(key: string, { entry, verdict }: Delivery): Promise<void> {
    const { clock, random, postmaster, host } = this.#order
    const wall = clock.wall()
    const id = `${key}.non-delivery`
    const message = await composeNonDelivery({
      original: (await this.#files.message(key)) ?? new Uint8Array(),
      recipient: entry.to,
      ...(verdict && verdict.outcome !== 'unreachable' && { reply: verdict.reply }),
      text: verdict ? textOf(verdict) : '',
      postmaster,
      host,
      arrived: entry.submitted,
      lastAttempt: wall,
      messageId: `${id}@${host}`,
      boundary: token(random, 16),
    })
    await this.#put(
      { id, from: '', to: postmaster, note: `non-delivery of ${entry.id}`, submitted: wall, attempts: 0, next: wall },
      message,
    )
  }

  async #setAside(key: string, text: string): Promise<void> {
    this.#order.emit({ type: 'mail.set-aside', name: await this.#files.setAside(key), text })
  }

  async #setAsideStray(name: string): Promise<void> {
    this.#order.emit({
      type: 'mail.set-aside',
      name: await this.#files.setAsideStray(name),
      text: 'not a file of the spool',
    })
  }

  async #quietly(id: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (failure) {
      this.#order.emit({ type: 'mail.spool-failed', id, text: messageOf(failure) })
    }
  }
}
