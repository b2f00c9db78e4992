import { addProduct, createFft, powerOfTwoFrom, zeros } from './fft.ts'

/** Finds, for parts of up to `longest` samples, the shift in samples at which each correlates best with `whole`; 0 when nowhere. */
export function crossCorrelation(whole: Int16Array, longest: number): (part: Int16Array) => number {
  const fft = createFft(powerOfTwoFrom(whole.length + longest))
  const spectrum = (pcm: Int16Array): ReturnType<typeof zeros> => {
    const signal = zeros(fft.size)
    signal.re.set(pcm)
    fft.forward(signal.re, signal.im)
    return signal
  }
  const there = spectrum(whole)
  return (part) => {
    const product = zeros(fft.size)
    addProduct(product, there, spectrum(part))
    fft.inverse(product.re, product.im)
    let best = 0
    let highest = 1
    for (const [i, value] of product.re.entries()) {
      if (value <= highest) continue
      best = i
      highest = value
    }
    return best === 0 || best < whole.length ? best : best - fft.size
  }
}
