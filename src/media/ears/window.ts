/** Weights of a Hann window. */
export const hann = (size: number): Float64Array =>
  new Float64Array(size).map((_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size))

/** Fills `weighed` with the samples from `at` on, each times its weight; all of them must be there. */
export function weigh(pcm: Int16Array, at: number, weights: Float64Array, weighed: Float64Array): void {
  for (let i = 0; i < weights.length; i++) weighed[i] = (pcm[at + i] ?? 0) * (weights[i] ?? 0)
}

/** Where the first sample over `peak` is, `from` or later; the end where there is none. */
export function nextLoud(pcm: Int16Array, from: number, peak: number): number {
  let at = from
  while (at < pcm.length && Math.abs(pcm[at] ?? 0) <= peak) at++
  return at
}
