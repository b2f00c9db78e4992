import type { Emit } from '../kernel/bus.ts'
import { PosternError } from '../kernel/errors.ts'
import type { MediaEvent } from './events.ts'
import type { LocalMedia, MediaPort, OpenOrder } from './face.ts'
import type { MediaCommand, MediaReply, Reply } from './messages.ts'
import { RemoteMedia } from './remote-media.ts'

/** The way to an engine, wherever it runs. */
export interface EngineLink {
  post(command: MediaCommand): void
  /** `lost` is called when the engine is gone without having been told to end. */
  subscribe(receive: Reply, lost: (text: string) => void): void
  /** Called once, after the engine said `ended`. */
  dispose?(): Promise<void>
}

/** The media port over an engine: correlates commands and replies. Nothing that waits outlives the engine. */
export function createMediaPort(link: EngineLink, emit: Emit<MediaEvent>): MediaPort {
  return new MediaClient(link, emit)
}

const closed = 'the media port is closed'

interface Opening {
  readonly resolve: (media: LocalMedia) => void
  readonly reject: (error: PosternError) => void
}

class MediaClient implements MediaPort {
  readonly #link: EngineLink
  readonly #emit: Emit<MediaEvent>
  readonly #opening = new Map<string, Opening>()
  readonly #legs = new Map<string, RemoteMedia>()
  #opened = 0
  /** Why nothing can be asked any more. */
  #gone: string | undefined
  #closing: Promise<void> | undefined
  #ended: () => void = () => undefined

  constructor(link: EngineLink, emit: Emit<MediaEvent>) {
    this.#link = link
    this.#emit = emit
    link.subscribe(
      (reply) => this.#receive(reply),
      (text) => this.#lost(text),
    )
  }

  open(order: OpenOrder): Promise<LocalMedia> {
    const refusal = this.#gone ?? (this.#closing && closed)
    if (refusal !== undefined) return Promise.reject(new PosternError('media-open', refusal))
    const media = `media-${++this.#opened}`
    return new Promise((resolve, reject) => {
      this.#opening.set(media, { resolve, reject })
      this.#link.post({ type: 'open', media, order })
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#gone !== undefined) return
    await new Promise<void>((resolve) => {
      this.#ended = resolve
      this.#link.post({ type: 'end' })
    })
    await this.#link.dispose?.()
  }

  #receive(reply: MediaReply): void {
    switch (reply.type) {
      case 'event':
        this.#emit(reply.event)
        break
      case 'opened':
        this.#admit(reply.media, new RemoteMedia(reply.media, reply.address, (command) => this.#post(command)))
        break
      case 'open-failed':
        this.#refuse(reply.media, reply.text)
        break
      case 'ended':
        this.#finish(closed)
        break
      case 'closed':
        this.#legs.get(reply.media)?.receive(reply)
        this.#legs.delete(reply.media)
        break
      default:
        this.#legs.get(reply.media)?.receive(reply)
    }
  }

  /** After the end a leg's commands go nowhere, and it is told so. */
  #post(command: MediaCommand): boolean {
    if (this.#gone === undefined) this.#link.post(command)
    return this.#gone === undefined
  }

  #admit(media: string, leg: RemoteMedia): void {
    this.#legs.set(media, leg)
    this.#opening.get(media)?.resolve(leg)
    this.#opening.delete(media)
  }

  #refuse(media: string, text: string): void {
    this.#opening.get(media)?.reject(new PosternError('media-open', text))
    this.#opening.delete(media)
  }

  #lost(text: string): void {
    if (this.#gone !== undefined) return
    this.#emit({ type: 'media.failed', media: 'engine', text })
    this.#finish(text)
  }

  #finish(text: string): void {
    this.#gone = text
    for (const media of [...this.#opening.keys()]) this.#refuse(media, text)
    for (const leg of this.#legs.values()) leg.lost()
    this.#legs.clear()
    this.#ended()
  }
}
