import { PosternError } from '../../src/kernel/errors.ts'
import type {
  LocalMedia,
  MediaPort,
  MediaStream,
  MediaSummary,
  OpenOrder,
  Recorded,
  Recording,
  RecordOrder,
} from '../../src/media/face.ts'

const nothing: MediaSummary = { sent: 0, received: 0, lost: 0, rejected: 0 }

/** One leg's media without sound: a test ends what plays and what is recorded, and reads the log. */
export class FakeMedia implements LocalMedia {
  readonly address
  readonly log: string[] = []
  readonly streams: MediaStream[] = []
  readonly played: Int16Array[] = []
  recordOrder: RecordOrder | undefined
  closed = false
  #playing: (whole: boolean) => void = () => undefined
  #recorded: (recorded: Recorded) => void = () => undefined

  constructor(order: OpenOrder, port: number) {
    this.address = { host: order.advertised ?? order.bind, port }
  }

  connect(stream: MediaStream): void {
    this.streams.push(stream)
  }

  play(pcm: Int16Array): Promise<boolean> {
    this.played.push(pcm)
    if (this.closed) return Promise.resolve(false)
    return new Promise((resolve) => (this.#playing = resolve))
  }

  /** What plays is over: at its end, or before. */
  endPlay(whole = true): void {
    this.#playing(whole)
  }

  stopPlaying(): void {
    this.#playing(false)
  }

  sendDigits(): Promise<void> {
    return Promise.resolve()
  }

  onDigit(): void {
    this.log.push('onDigit')
  }

  onTone(): void {
    this.log.push('onTone')
  }

  record(order: RecordOrder): Recording {
    this.recordOrder = order
    const finished = new Promise<Recorded>((resolve) => (this.#recorded = resolve))
    return {
      finished,
      stop: () => {
        this.endRecording('stopped')
        return finished
      },
    }
  }

  endRecording(end: Recorded['end'], ms = 5000): void {
    this.#recorded({ end, ms, trailingSilenceMs: 0 })
  }

  bridge(): void {
    this.log.push('bridge')
  }

  close(): Promise<MediaSummary> {
    this.closed = true
    this.#playing(false)
    this.endRecording('closed')
    return Promise.resolve(nothing)
  }
}

export class FakeMediaPort implements MediaPort {
  readonly opened: FakeMedia[] = []
  full = false

  /** The media opened last. */
  get media(): FakeMedia {
    const last = this.opened.at(-1)
    if (last === undefined) throw new Error('no media was opened')
    return last
  }

  open(order: OpenOrder): Promise<LocalMedia> {
    if (this.full) return Promise.reject(new PosternError('media-open', 'no port is left'))
    const media = new FakeMedia(order, 30_000 + 2 * this.opened.length)
    this.opened.push(media)
    return Promise.resolve(media)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
