import { addProduct, createFft, zeros, type Complex } from './fft.ts'
import { nextLoud } from './window.ts'

/** Samples that are transformed together. */
const length = 4096
const fft = createFft(2 * length)
/** What is being transformed: two signals at once, as its real and its imaginary part. */
const both = zeros(fft.size)

/** Spectrum of a real signal up to the middle; the rest mirrors it. */
const halfSpectrum = (): Complex => zeros(length + 1)
/** A signal in pieces of `length`, transformed; silence has no spectrum. */
type Pieces = readonly (Complex | undefined)[]

/** Finds, for each `part`, the shift in samples at which it correlates best with `whole`; 0 when nowhere. */
export function crossCorrelation(whole: Int16Array): (part: Int16Array) => number {
  const there = pieces(whole)
  return (part) => {
    const products = correlated(there, pieces(part))
    const zero = products.length - there.length * length
    let best = zero
    let highest = 1
    for (let i = Math.max(0, zero - part.length + 1); i < zero + whole.length; i++) {
      const value = products[i] ?? 0
      if (value <= highest) continue
      best = i
      highest = value
    }
    return best - zero
  }
}

function pieces(signal: Int16Array): Pieces {
  const all: (Complex | undefined)[] = []
  for (let at = 0; at < signal.length; at += 2 * length) {
    const [first, second] = [signal.subarray(at, at + length), signal.subarray(at + length, at + 2 * length)]
    if (isSilent(first) && isSilent(second)) all.push(undefined, undefined)
    else all.push(...transformed(first, second))
  }
  return all.slice(0, Math.ceil(signal.length / length))
}

const isSilent = (signal: Int16Array): boolean => nextLoud(signal, 0, 0) === signal.length

function transformed(first: Int16Array, second: Int16Array): [Complex, Complex] {
  both.re.fill(0).set(first)
  both.im.fill(0).set(second)
  fft.forward(both.re, both.im)
  return takenApart()
}

/** The spectra of the two signals: each is half of z(k) ± conj z(-k). */
function takenApart(): [Complex, Complex] {
  const [first, second] = [halfSpectrum(), halfSpectrum()]
  for (let k = 0; k <= length; k++) {
    const mirror = (fft.size - k) % fft.size
    const a = both.re[k] ?? 0
    const b = both.im[k] ?? 0
    const c = both.re[mirror] ?? 0
    const d = both.im[mirror] ?? 0
    first.re[k] = (a + c) / 2
    first.im[k] = (b - d) / 2
    second.re[k] = (b + d) / 2
    second.im[k] = (c - a) / 2
  }
  return [first, second]
}

/** At each shift, from one of all pieces of `part` to the left on. */
function correlated(whole: Pieces, part: Pieces): Float64Array {
  const products = new Float64Array((whole.length + part.length) * length)
  const [first, second] = [halfSpectrum(), halfSpectrum()]
  for (let apart = -part.length; apart < whole.length; apart += 2) {
    const pairs = addPieces(first, whole, part, apart) + addPieces(second, whole, part, apart + 1)
    if (pairs === 0) continue
    putTogether(first, second)
    fft.inverse(both.re, both.im)
    addShifts(products, (part.length + apart) * length, both.re)
    addShifts(products, (part.length + apart + 1) * length, both.im)
  }
  return products
}

/** Sums over all pieces that lie `apart` pieces from one another; answers how many pairs do. */
function addPieces(sum: Complex, whole: Pieces, part: Pieces, apart: number): number {
  sum.re.fill(0)
  sum.im.fill(0)
  let pairs = 0
  for (const [i, spectrum] of part.entries()) {
    const under = whole[i + apart]
    if (spectrum === undefined || under === undefined) continue
    addProduct(sum, under, spectrum)
    pairs++
  }
  return pairs
}

/** What `takenApart` takes apart. */
function putTogether(first: Complex, second: Complex): void {
  for (let k = 0; k <= length; k++) {
    const mirror = (fft.size - k) % fft.size
    const a = first.re[k] ?? 0
    const b = first.im[k] ?? 0
    const c = second.re[k] ?? 0
    const d = second.im[k] ?? 0
    both.re[k] = a - d
    both.im[k] = b + c
    both.re[mirror] = a + d
    both.im[mirror] = c - b
  }
}

function addShifts(products: Float64Array, zero: number, shifts: Float64Array): void {
  const to = Math.min(length, products.length - zero)
  for (let shift = Math.max(1 - length, -zero); shift < to; shift++) {
    const at = zero + shift
    products[at] = (products[at] ?? 0) + (shifts[shift & (fft.size - 1)] ?? 0)
  }
}
