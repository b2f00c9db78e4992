/** Complex discrete Fourier transform of one fixed size, in place. */
export interface Fft {
  readonly size: number
  forward(re: Float64Array, im: Float64Array): void
  /** Scaled by 1/size, so that it undoes `forward`. */
  inverse(re: Float64Array, im: Float64Array): void
}

export const powerOfTwoFrom = (length: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, length)))

/** Radix-4, decimation in time, with one step of radix 2 where the size is no power of four. `size` is a power of two. */
export function createFft(size: number): Fft {
  const swaps = bitReversal(size)
  const even = Math.log2(size) % 2 === 0
  const scale = 1 / size
  const stages: Stage[] = []
  for (let quarter = even ? 4 : 2; quarter < size; quarter *= 4) stages.push(stage(quarter))
  const forward = (re: Float64Array, im: Float64Array): void => {
    permute(re, im, swaps)
    if (even) fours(re, im)
    else pairs(re, im)
    for (const each of stages) butterflies(re, im, each)
  }
  return {
    size,
    forward,
    inverse(re, im) {
      forward(im, re)
      for (let i = 0; i < size; i++) {
        re[i] = (re[i] ?? 0) * scale
        im[i] = (im[i] ?? 0) * scale
      }
    },
  }
}

/** The indices that change places, two by two. */
function bitReversal(size: number): Uint32Array {
  const reversed = new Uint32Array(size)
  for (let i = 1; i < size; i++) reversed[i] = ((reversed[i >> 1] ?? 0) >> 1) | (i & 1 ? size >> 1 : 0)
  const swaps: number[] = []
  for (const [i, j] of reversed.entries()) if (i < j) swaps.push(i, j)
  return new Uint32Array(swaps)
}

function permute(re: Float64Array, im: Float64Array, swaps: Uint32Array): void {
  for (let at = 0; at < swaps.length; at += 2) {
    const i = swaps[at] ?? 0
    const j = swaps[at + 1] ?? 0
    const x = re[i] ?? 0
    const y = im[i] ?? 0
    re[i] = re[j] ?? 0
    im[i] = im[j] ?? 0
    re[j] = x
    im[j] = y
  }
}

interface Stage {
  /** Points of each of the four transforms that are joined. */
  readonly quarter: number
  /** For each of them the first three powers of its twiddle factor, cosine and sine. */
  readonly twiddles: Float64Array
}

function stage(quarter: number): Stage {
  const angle = (i: number): number =>
    (-2 * Math.PI * Math.floor(i / 6) * (1 + (Math.floor(i / 2) % 3))) / (4 * quarter)
  const twiddles = new Float64Array(6 * quarter).map((_, i) => (i % 2 === 0 ? Math.cos(angle(i)) : Math.sin(angle(i))))
  return { quarter, twiddles }
}

function pairs(re: Float64Array, im: Float64Array): void {
  for (let a = 0; a < re.length; a += 2) {
    const aRe = re[a] ?? 0
    const aIm = im[a] ?? 0
    const bRe = re[a + 1] ?? 0
    const bIm = im[a + 1] ?? 0
    re[a] = aRe + bRe
    im[a] = aIm + bIm
    re[a + 1] = aRe - bRe
    im[a + 1] = aIm - bIm
  }
}

/** The first stage of radix 4, whose twiddle factors are 1. */
function fours(re: Float64Array, im: Float64Array): void {
  for (let a = 0; a < re.length; a += 4) {
    const aRe = re[a] ?? 0
    const aIm = im[a] ?? 0
    const bRe = re[a + 1] ?? 0
    const bIm = im[a + 1] ?? 0
    const cRe = re[a + 2] ?? 0
    const cIm = im[a + 2] ?? 0
    const dRe = re[a + 3] ?? 0
    const dIm = im[a + 3] ?? 0
    re[a] = aRe + bRe + (cRe + dRe)
    im[a] = aIm + bIm + (cIm + dIm)
    re[a + 1] = aRe - bRe + (cIm - dIm)
    im[a + 1] = aIm - bIm - (cRe - dRe)
    re[a + 2] = aRe + bRe - (cRe + dRe)
    im[a + 2] = aIm + bIm - (cIm + dIm)
    re[a + 3] = aRe - bRe - (cIm - dIm)
    im[a + 3] = aIm - bIm + (cRe - dRe)
  }
}

function butterflies(re: Float64Array, im: Float64Array, { quarter, twiddles }: Stage): void {
  for (let start = 0; start < re.length; start += 4 * quarter) {
    for (let k = 0; k < quarter; k++) {
      const a = start + k
      const b = a + quarter
      const c = b + quarter
      const d = c + quarter
      const t = 6 * k
      const c1 = twiddles[t] ?? 0
      const s1 = twiddles[t + 1] ?? 0
      const c2 = twiddles[t + 2] ?? 0
      const s2 = twiddles[t + 3] ?? 0
      const c3 = twiddles[t + 4] ?? 0
      const s3 = twiddles[t + 5] ?? 0
      const aRe = re[a] ?? 0
      const aIm = im[a] ?? 0
      const bRe = (re[b] ?? 0) * c2 - (im[b] ?? 0) * s2
      const bIm = (re[b] ?? 0) * s2 + (im[b] ?? 0) * c2
      const cRe = (re[c] ?? 0) * c1 - (im[c] ?? 0) * s1
      const cIm = (re[c] ?? 0) * s1 + (im[c] ?? 0) * c1
      const dRe = (re[d] ?? 0) * c3 - (im[d] ?? 0) * s3
      const dIm = (re[d] ?? 0) * s3 + (im[d] ?? 0) * c3
      re[a] = aRe + bRe + (cRe + dRe)
      im[a] = aIm + bIm + (cIm + dIm)
      re[b] = aRe - bRe + (cIm - dIm)
      im[b] = aIm - bIm - (cRe - dRe)
      re[c] = aRe + bRe - (cRe + dRe)
      im[c] = aIm + bIm - (cIm + dIm)
      re[d] = aRe - bRe - (cIm - dIm)
      im[d] = aIm - bIm + (cRe - dRe)
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
