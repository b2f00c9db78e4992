/** The order of sequence numbers: which are new, late or seen before. */

/** Remembers which of the last `size` extended numbers came. */
export class SeenWindow {
  readonly size: number
  readonly #slots: Float64Array

  constructor(size = 128) {
    this.size = size
    this.#slots = new Float64Array(size).fill(-1)
  }

  /** True for a number added before, as long as none `size` above it was added since. */
  has(extended: number): boolean {
    return this.#slots[extended % this.size] === extended
  }

  add(extended: number): void {
    this.#slots[extended % this.size] = extended
  }
}

/**
 * The extended number nearest to `highest` that ends in `sequence`, as RFC 3711 appendix A guesses it: of two equally near
 * the one in the same cycle. Negative when it would lie before the first cycle.
 */
export function nearestExtended(highest: number, sequence: number): number {
  const step = ((sequence - highest) << 16) >> 16
  return step === -0x8000 && (highest & 0x8000) === 0 ? highest - step : highest + step
}

/** RFC 3550 appendix A.1: a larger step forward, or one further back, is a restart once a second packet follows on it. */
const maxDropout = 3000
const maxMisorder = 100

/** Counts one source's packets, after RFC 3550 appendix A.1 (validity) and A.3 (loss). */
export class SequenceTracker {
  readonly #seen = new SeenWindow()
  #highest = -1
  #next = -1
  #expected = 0
  #received = 0

  /** Tells where a 16-bit sequence number stands; the first of a jump is `late`, and `new` again from the second on. */
  update(sequence: number): 'new' | 'late' | 'duplicate' {
    const first = this.#highest < 0
    const step = first ? 1 : nearestExtended(this.#highest, sequence) - this.#highest
    if (step > -maxMisorder && step <= 0) return this.#behind(this.#highest + step)
    if (!first && (step >= maxDropout || step <= 0)) return this.#jumped(sequence)
    this.#highest = first ? sequence : this.#highest + step
    this.#expected += step
    this.#count(this.#highest)
    return 'new'
  }

  /** Highest sequence number with its cycles above the low 16 bits; -1 before the first packet. */
  get extended(): number {
    return this.#highest
  }

  /** Packets there should have been from the first to the highest. */
  get expected(): number {
    return this.#expected
  }

  /** Distinct packets that came. */
  get received(): number {
    return this.#received
  }

  /** Expected and not seen so far. */
  get lost(): number {
    return Math.max(0, this.#expected - this.#received)
  }

  #behind(extended: number): 'late' | 'duplicate' {
    if (this.#seen.has(extended)) return 'duplicate'
    this.#count(extended)
    return 'late'
  }

  #jumped(sequence: number): 'new' | 'late' {
    const restarted = sequence === this.#next
    this.#next = (sequence + 1) & 0xffff
    if (!restarted) return 'late'
    this.#highest += (sequence - this.#highest) & 0xffff
    this.#expected++
    this.#count(this.#highest)
    return 'new'
  }

  #count(extended: number): void {
    this.#seen.add(extended)
    this.#received++
    this.#next = -1
  }
}
