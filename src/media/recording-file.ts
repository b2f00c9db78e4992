import { messageOf } from '../kernel/errors.ts'
import type { Appender, Store } from '../kernel/store.ts'

/** Pieces that may wait for a slow disk: 30 s of 200 ms each. */
const maxWaiting = 150

/** A growing file whose writer does not wait: pieces follow one another in order, and the first failure is told once. */
export class RecordingFile {
  readonly #failed: (text: string) => void
  /** Pieces from one sync to the next. */
  readonly #syncEvery: number
  #appender: Appender | undefined
  #tail: Promise<void>
  #waiting = 0
  #unsynced = 0
  #written = 0
  #broken = false

  constructor(store: Store, name: string, failed: (text: string) => void, syncEvery = Infinity) {
    this.#failed = failed
    this.#syncEvery = syncEvery
    this.#tail = this.#guard(async () => {
      this.#appender = await store.append(name)
    })
  }

  /** Bytes that reached the operating system. */
  get written(): number {
    return this.#written
  }

  write(piece: Uint8Array): void {
    if (++this.#waiting > maxWaiting) {
      this.#break(`the disk is behind by more than ${maxWaiting} pieces`)
      return
    }
    this.#next(async (file) => {
      await file.write(piece)
      this.#written += piece.length
      this.#waiting--
      if (++this.#unsynced < this.#syncEvery) return
      this.#unsynced = 0
      await file.sync()
    })
  }

  /** Resolves when the file is synced and closed, or has failed. */
  close(): Promise<void> {
    this.#next((file) => file.sync())
    const opened = this.#tail
    return this.#guard(async () => {
      await opened
      await this.#appender?.close()
    })
  }

  #next(work: (file: Appender) => Promise<void>): void {
    const before = this.#tail
    this.#tail = this.#guard(async () => {
      await before
      if (!this.#broken && this.#appender !== undefined) await work(this.#appender)
    })
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (failure) {
      this.#break(messageOf(failure))
    }
  }

  #break(text: string): void {
    if (this.#broken) return
    this.#broken = true
    this.#failed(text)
  }
}
