const target = 8000
/** Zero crossings of the sinc on each side: more is steeper and slower. */
const crossings = 24
/** Share of the narrower band that passes; the rest is room for the filter's slope. */
const passBand = 0.92

/** To PCM16 at 8 kHz from `rate` Hz (a positive whole number) by windowed sinc: what lies above 4 kHz is taken out first. */
export function resampleTo8k(samples: Int16Array, rate: number): Int16Array {
  if (rate === target) return samples
  const cutoff = (passBand * Math.min(rate, target)) / rate
  const reach = Math.ceil(crossings / cutoff)
  const kernels = new Map<number, Float64Array>()
  const kernelAt = (phase: number): Float64Array => {
    const kernel = kernels.get(phase) ?? kernelFor(phase / target, cutoff, reach)
    kernels.set(phase, kernel)
    return kernel
  }
  return Int16Array.from({ length: Math.round((samples.length * target) / rate) }, (_, n) => {
    const phase = (n * rate) % target
    return convolve(samples, (n * rate - phase) / target - reach + 1, kernelAt(phase))
  })
}

/** Weights of the `2 * reach` samples around a point `fraction` of a sample past the one at `reach - 1`; their sum is 1. */
function kernelFor(fraction: number, cutoff: number, reach: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * reach }, (_, i) => {
    const x = i - (reach - 1) - fraction
    return sinc(x * cutoff) * blackman(x / reach)
  })
  const sum = kernel.reduce((a, b) => a + b, 0)
  return kernel.map((weight) => weight / sum)
}

function convolve(samples: Int16Array, first: number, kernel: Float64Array): number {
  const from = Math.max(0, -first)
  const to = Math.min(kernel.length, samples.length - first)
  let sum = 0
  for (let i = from; i < to; i++) sum += (samples[first + i] ?? 0) * (kernel[i] ?? 0)
  return Math.max(-0x8000, Math.min(0x7fff, Math.round(sum)))
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

/** Over -1 to 1. */
const blackman = (x: number): number => 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x)
