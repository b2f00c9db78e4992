/** Bytes of one slab: enough for hundreds of packets. */
const slabLength = 2 ** 14

let slab = new Uint8Array(slabLength)
let taken = 0

/**
 * `length` zero bytes, cut from a slab: a typed array with memory of its own costs ten times as much, which packets feel.
 * What is cut is never used again; the slab goes when the last of its views has gone.
 */
export function allocate(length: number): Uint8Array {
  if (length > slabLength / 4) return new Uint8Array(length)
  if (taken + length > slabLength) {
    slab = new Uint8Array(slabLength)
    taken = 0
  }
  taken += length
  return slab.subarray(taken - length, taken)
}
