import { expect } from 'chai'
import { addProduct, createFft, powerOfTwoFrom, zeros } from '../../../src/media/ears/fft.ts'

/** The transform by its definition. */
function slow(re: Float64Array, im: Float64Array): [number, number][] {
  return [...re].map((_, k) =>
    [...re].reduce<[number, number]>(
      ([x, y], a, i) => {
        const angle = (-2 * Math.PI * k * i) / re.length
        const b = im[i] ?? 0
        return [x + a * Math.cos(angle) - b * Math.sin(angle), y + a * Math.sin(angle) + b * Math.cos(angle)]
      },
      [0, 0],
    ),
  )
}

describe('Fourier transform', () => {
  for (const size of [2, 8, 64]) {
    it(`of ${size} points agrees with its definition and is undone`, () => {
      const re = new Float64Array(size).map((_, i) => Math.cos(i * i))
      const im = new Float64Array(size).map((_, i) => Math.sin(3 * i + 1))
      const [beforeRe, beforeIm] = [re.slice(), im.slice()]
      const expected = slow(re, im)
      const fft = createFft(size)
      fft.forward(re, im)
      for (const [k, [x, y]] of expected.entries()) {
        expect(re[k]).to.be.closeTo(x, 1e-9)
        expect(im[k]).to.be.closeTo(y, 1e-9)
      }
      fft.inverse(re, im)
      for (let i = 0; i < size; i++) {
        expect(re[i]).to.be.closeTo(beforeRe[i]!, 1e-12)
        expect(im[i]).to.be.closeTo(beforeIm[i]!, 1e-12)
      }
    })
  }

  it('finds a shift by the product of spectra', () => {
    const fft = createFft(16)
    const [whole, part, product] = [zeros(16), zeros(16), zeros(16)]
    whole.re.set([0, 0, 0, 0, 0, 3, -1, 2])
    part.re.set([3, -1, 2])
    for (const signal of [whole, part]) fft.forward(signal.re, signal.im)
    addProduct(product, whole, part)
    fft.inverse(product.re, product.im)
    expect(product.re.indexOf(Math.max(...product.re))).to.equal(5)
  })

  it('has a size that is a power of two', () => {
    expect([0, 2, 3, 1024, 1025].map(powerOfTwoFrom)).to.deep.equal([2, 2, 4, 1024, 2048])
  })
})
