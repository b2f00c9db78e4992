import type { Address } from '../kernel/address.ts'
import type { LocalMedia, MediaStream, MediaSummary, Recorded, RecordEnd, Recording, RecordOrder } from './face.ts'
import type { Tone } from './tone-meter.ts'
import type { MediaCommand, MediaReply } from './messages.ts'

export type LegReply = Extract<
  MediaReply,
  { type: 'played' | 'digits-sent' | 'recorded' | 'digit' | 'tone' | 'closed' }
>

const nothingSeen: MediaSummary = { sent: 0, received: 0, lost: 0, rejected: 0 }

/** One kind of question to the engine: each asked once, answered once, all answered alike when the engine is gone. */
class Questions<Answer> {
  readonly #open = new Map<number, (answer: Answer) => void>()

  ask(request: number): Promise<Answer> {
    return new Promise((resolve) => this.#open.set(request, resolve))
  }

  answer(request: number, answer: Answer): void {
    this.#open.get(request)?.(answer)
    this.#open.delete(request)
  }

  answerAll(answer: Answer): void {
    for (const resolve of this.#open.values()) resolve(answer)
    this.#open.clear()
  }
}

/** A leg that lives in an engine elsewhere. */
export class RemoteMedia implements LocalMedia {
  readonly address: Address
  readonly #media: string
  readonly #post: (command: MediaCommand) => boolean
  readonly #played = new Questions<boolean>()
  readonly #digitsSent = new Questions<void>()
  readonly #recorded = new Questions<Recorded>()
  readonly #closed = new Questions<MediaSummary>()
  readonly #digitListeners: ((digit: string) => void)[] = []
  readonly #toneListeners: ((tone: Tone) => void)[] = []
  #closing: Promise<MediaSummary> | undefined
  #requests = 0
  #over = false

  /** `post` answers `false` when the engine is gone. */
  constructor(media: string, address: Address, post: (command: MediaCommand) => boolean) {
    this.address = address
    this.#media = media
    this.#post = post
  }

  connect(stream: MediaStream): void {
    this.#send({ type: 'connect', media: this.#media, stream })
  }

  play(pcm: Int16Array): Promise<boolean> {
    const request = ++this.#requests
    const played = this.#played.ask(request)
    this.#send({ type: 'play', media: this.#media, request, pcm })
    return played
  }

  stopPlaying(): void {
    this.#send({ type: 'stop-playing', media: this.#media })
  }

  sendDigits(digits: string): Promise<void> {
    const request = ++this.#requests
    const sent = this.#digitsSent.ask(request)
    this.#send({ type: 'send-digits', media: this.#media, request, digits })
    return sent
  }

  onDigit(listener: (digit: string) => void): void {
    this.#digitListeners.push(listener)
  }

  onTone(listener: (tone: Tone) => void): void {
    this.#toneListeners.push(listener)
  }

  record(order: RecordOrder): Recording {
    const request = ++this.#requests
    const finished = this.#recorded.ask(request)
    this.#send({ type: 'record', media: this.#media, request, order })
    return {
      finished,
      stop: () => {
        this.#send({ type: 'stop-recording', media: this.#media, request })
        return finished
      },
    }
  }

  /** @throws TypeError when `other` is not of an engine like this one */
  bridge(other: LocalMedia): void {
    if (!(other instanceof RemoteMedia))
      throw new TypeError('a leg can be bridged only with another of the same media port')
    this.#send({ type: 'bridge', media: this.#media, other: other.#media })
  }

  close(): Promise<MediaSummary> {
    if (this.#closing === undefined) {
      this.#closing = this.#closed.ask(0)
      this.#send({ type: 'close', media: this.#media })
    }
    return this.#closing
  }

  receive(reply: LegReply): void {
    switch (reply.type) {
      case 'played':
        this.#played.answer(reply.request, reply.complete)
        break
      case 'digits-sent':
        this.#digitsSent.answer(reply.request)
        break
      case 'recorded':
        this.#recorded.answer(reply.request, reply.recorded)
        break
      case 'digit':
        for (const listener of this.#digitListeners) listener(reply.digit)
        break
      case 'tone':
        for (const listener of this.#toneListeners) listener(reply)
        break
      case 'closed':
        this.#over = true
        this.#closing ??= Promise.resolve(reply.summary)
        this.#closed.answer(0, reply.summary)
        this.#answerAll('closed')
    }
  }

  /** The engine is gone: whatever waits is answered. */
  lost(): void {
    this.#answerAll('failed')
  }

  #send(command: MediaCommand): void {
    if (this.#over) this.#answerAll('closed')
    else if (!this.#post(command)) this.#answerAll('failed')
  }

  #answerAll(end: RecordEnd): void {
    this.#played.answerAll(false)
    this.#digitsSent.answerAll()
    this.#recorded.answerAll({ end, ms: 0, trailingSilenceMs: 0 })
    this.#closed.answerAll(nothingSeen)
  }
}
