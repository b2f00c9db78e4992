import type { Clock } from '../kernel/clock.ts'
import type { Store } from '../kernel/store.ts'
import type { Recorded, RecordEnd, RecordOrder } from './face.ts'
import { SilenceMeter } from './level.ts'
import { RecordingFile } from './recording-file.ts'
import { allocate } from './slab.ts'
import { tickMs } from './ticker.ts'

const samplesPerMs = 8
const bytesPerMs = 16
const pieceMs = 200
const pieceSamples = pieceMs * samplesPerMs
const silenceThresholdDbov = -45
/** A disk that does not sync within this is a failed recording, not a hung call. */
const finishMs = 5000

export interface RecorderPorts {
  readonly store: Store
  readonly clock: Clock
  /** Told why before `finished` resolves with `failed`. */
  readonly failed: (text: string) => void
}

/** Writes what it is given to a file until the order says it is enough. */
export class Recorder {
  /** Resolves when the file is synced and closed; never rejects. */
  readonly finished: Promise<Recorded>
  readonly #order: RecordOrder
  readonly #ports: RecorderPorts
  readonly #limit: number
  readonly #silenceMs: number
  readonly #file: RecordingFile
  readonly #meter = new SilenceMeter({ thresholdDbov: silenceThresholdDbov, frameMs: tickMs })
  #piece = emptyPiece()
  #inPiece = 0
  #samples = 0
  #over = false
  #failed = false
  #finish: (recorded: Recorded) => void = () => undefined

  constructor(order: RecordOrder, ports: RecorderPorts) {
    this.#order = order
    this.#ports = ports
    this.#limit = samplesPerMs * (order.maxMs ?? Infinity)
    this.#silenceMs = order.silenceMs ?? Infinity
    this.finished = new Promise((resolve) => (this.#finish = resolve))
    const failed = (text: string): void => {
      this.#fail(text)
      this.end('failed')
    }
    const { name, syncMs = Infinity } = order
    this.#file = new RecordingFile(ports.store, name, failed, Math.max(1, Math.floor(syncMs / pieceMs)))
  }

  /** Takes the next samples, PCM16 at 8 kHz. */
  push(pcm: Int16Array): void {
    if (this.#over) return
    const taken = pcm.subarray(0, Math.max(0, Math.min(pcm.length, this.#limit - this.#samples)))
    this.#meter.push(taken)
    this.#put(taken)
    this.#samples += taken.length
    if (this.#samples >= this.#limit) this.end('limit')
    else if (this.#meter.silentMs >= this.#silenceMs) this.end('silence')
  }

  stopsAt(digit: string): boolean {
    return this.#order.stopDigits?.includes(digit) === true
  }

  /** It has ended: nothing more is taken. */
  get over(): boolean {
    return this.#over
  }

  /** The first end counts. */
  end(end: RecordEnd): void {
    if (this.#over) return
    this.#over = true
    this.#flush()
    void this.#close(end)
  }

  #put(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length;) {
      const end = Math.min(pcm.length, at + pieceSamples - this.#inPiece)
      let held = this.#inPiece
      while (at < end) this.#piece.setInt16(2 * held++, pcm[at++] ?? 0, true)
      this.#inPiece = held
      if (held === pieceSamples) this.#flush()
    }
  }

  #flush(): void {
    if (this.#inPiece === 0) return
    this.#file.write(new Uint8Array(this.#piece.buffer, this.#piece.byteOffset, 2 * this.#inPiece))
    this.#piece = emptyPiece()
    this.#inPiece = 0
  }

  async #close(end: RecordEnd): Promise<void> {
    await this.#closed()
    const ms = this.#file.written / bytesPerMs
    const trailingSilenceMs = Math.min(ms, this.#meter.silentMs)
    this.#finish({ end: this.#failed ? 'failed' : end, ms, trailingSilenceMs })
  }

  #closed(): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = this.#ports.clock.after(finishMs, () => {
        this.#fail(`the disk did not finish within ${finishMs} ms`)
        resolve()
      })
      void this.#file.close().then(() => {
        giveUp()
        resolve()
      })
    })
  }

  #fail(text: string): void {
    if (!this.#failed) this.#ports.failed(text)
    this.#failed = true
  }
}

function emptyPiece(): DataView {
  const bytes = allocate(2 * pieceSamples)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
