/** Complex discrete Fourier transform of one fixed size, in place. */
export interface Fft {
  readonly size: number
  forward(re: Float64Array, im: Float64Array): void
  /** Scaled by 1/size, so that it undoes `forward`. */
  inverse(re: Float64Array, im: Float64Array): void
}

export const powerOfTwoFrom = (length: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, length)))

/** Radix-2, decimation in time. `size` is a power of two. */
export function createFft(size: number): Fft {
  const cos = new Float64Array(size / 2).map((_, k) => Math.cos((2 * Math.PI * k) / size))
  const sin = new Float64Array(size / 2).map((_, k) => -Math.sin((2 * Math.PI * k) / size))
  const swaps = bitReversed(size)
  const forward = (re: Float64Array, im: Float64Array): void => {
    permute(re, swaps)
    permute(im, swaps)
    for (let half = 1; half < size; half *= 2) butterflies(re, im, half, cos, sin)
  }
  return {
    size,
    forward,
    inverse(re, im) {
      forward(im, re)
      for (let i = 0; i < size; i++) {
        re[i] = (re[i] ?? 0) / size
        im[i] = (im[i] ?? 0) / size
      }
    },
  }
}

function bitReversed(size: number): Uint32Array {
  const table = new Uint32Array(size)
  for (let i = 1; i < size; i++) table[i] = ((table[i >> 1] ?? 0) >> 1) | (i & 1 ? size >> 1 : 0)
  return table
}

function permute(values: Float64Array, swaps: Uint32Array): void {
  for (let i = 0; i < values.length; i++) {
    const j = swaps[i] ?? 0
    if (j <= i) continue
    const kept = values[i] ?? 0
    values[i] = values[j] ?? 0
    values[j] = kept
  }
}

function butterflies(re: Float64Array, im: Float64Array, half: number, cos: Float64Array, sin: Float64Array): void {
  const stride = cos.length / half
  for (let start = 0; start < re.length; start += 2 * half) {
    for (let k = 0; k < half; k++) {
      const a = start + k
      const b = a + half
      const c = cos[k * stride] ?? 0
      const s = sin[k * stride] ?? 0
      const bRe = re[b] ?? 0
      const bIm = im[b] ?? 0
      const tRe = bRe * c - bIm * s
      const tIm = bRe * s + bIm * c
      re[b] = (re[a] ?? 0) - tRe
      im[b] = (im[a] ?? 0) - tIm
      re[a] = (re[a] ?? 0) + tRe
      im[a] = (im[a] ?? 0) + tIm
    }
  }
}

/** Adds to `sum` the spectrum of the cross-correlation of two spectra: a · conj(b). Each argument is [re, im]. */
export function addProduct(sum: Complex, a: Complex, b: Complex): void {
  for (let k = 0; k < sum.re.length; k++) {
    const aRe = a.re[k] ?? 0
    const aIm = a.im[k] ?? 0
    const bRe = b.re[k] ?? 0
    const bIm = b.im[k] ?? 0
    sum.re[k] = (sum.re[k] ?? 0) + aRe * bRe + aIm * bIm
    sum.im[k] = (sum.im[k] ?? 0) + aIm * bRe - aRe * bIm
  }
}

export interface Complex {
  readonly re: Float64Array
  readonly im: Float64Array
}

export const zeros = (size: number): Complex => ({ re: new Float64Array(size), im: new Float64Array(size) })
