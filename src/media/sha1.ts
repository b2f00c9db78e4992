/** SHA-1: FIPS 180-4 §6.1. Here because node:crypto makes an object a digest, which costs three times what the digest does. */

export const digestLength = 20
export const blockLength = 64
/** Bytes that `finish` may write behind a message. */
export const paddingLength = 72

/** Five words of 32 bits. */
export type Sha1State = Int32Array

/** The message schedule of the block at work. */
const schedule = new Int32Array(80)

/** H(0): §5.3.1. */
export const initialState = (): Sha1State => Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)

/** Takes one whole block, the 64 bytes from `at` on. */
export function takeBlock(state: Sha1State, bytes: DataView, at: number): void {
  const w = schedule
  for (let t = 0; t < 16; t++) w[t] = bytes.getInt32(at + 4 * t)
  compress(state)
}

/**
 * Takes the first `length` of `bytes` as the rest of a message of which `before` bytes, whole blocks, were taken already:
 * the state becomes its digest. The padding of §5.1.1 is written behind the message.
 */
export function finish(state: Sha1State, before: number, bytes: DataView, length: number): void {
  const end = blockLength * Math.ceil((length + 9) / blockLength)
  bytes.setUint8(length, 0x80)
  for (let at = length + 1; at < end - 8; at++) bytes.setUint8(at, 0)
  bytes.setUint32(end - 8, (before + length) / 2 ** 29)
  bytes.setUint32(end - 4, (before + length) << 3)
  for (let at = 0; at < end; at += blockLength) takeBlock(state, bytes, at)
}

/** The digest as 20 bytes. */
export function putDigest(state: Sha1State, into: DataView): void {
  for (let i = 0; i < 5; i++) into.setInt32(4 * i, state[i] ?? 0)
}

/** The digest of a whole message. */
export function sha1(message: Uint8Array): Uint8Array {
  const state = initialState()
  const padded = new Uint8Array(message.length + paddingLength)
  padded.set(message)
  finish(state, 0, new DataView(padded.buffer), message.length)
  const digest = new DataView(new ArrayBuffer(digestLength))
  putDigest(state, digest)
  return new Uint8Array(digest.buffer)
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by))
const choice = (b: number, c: number, d: number): number => d ^ (b & (c ^ d))
const parity = (b: number, c: number, d: number): number => b ^ c ^ d
const majority = (b: number, c: number, d: number): number => (b & c) | (d & (b | c))

/** The words after the first 16: step 1 of §6.1.2. Each is made of the 16 before it, which are at hand as variables. */
function expand(w: Int32Array): void {
  let w0 = w[0] ?? 0
  let w1 = w[1] ?? 0
  let w2 = w[2] ?? 0
  let w3 = w[3] ?? 0
  let w4 = w[4] ?? 0
  let w5 = w[5] ?? 0
  let w6 = w[6] ?? 0
  let w7 = w[7] ?? 0
  let w8 = w[8] ?? 0
  let w9 = w[9] ?? 0
  let w10 = w[10] ?? 0
  let w11 = w[11] ?? 0
  let w12 = w[12] ?? 0
  let w13 = w[13] ?? 0
  let w14 = w[14] ?? 0
  let w15 = w[15] ?? 0
  for (let t = 16; t < 80; t += 16) {
    w[t] = w0 = rotated(w0 ^ w2 ^ w8 ^ w13, 1)
    w[t + 1] = w1 = rotated(w1 ^ w3 ^ w9 ^ w14, 1)
    w[t + 2] = w2 = rotated(w2 ^ w4 ^ w10 ^ w15, 1)
    w[t + 3] = w3 = rotated(w3 ^ w5 ^ w11 ^ w0, 1)
    w[t + 4] = w4 = rotated(w4 ^ w6 ^ w12 ^ w1, 1)
    w[t + 5] = w5 = rotated(w5 ^ w7 ^ w13 ^ w2, 1)
    w[t + 6] = w6 = rotated(w6 ^ w8 ^ w14 ^ w3, 1)
    w[t + 7] = w7 = rotated(w7 ^ w9 ^ w15 ^ w4, 1)
    w[t + 8] = w8 = rotated(w8 ^ w10 ^ w0 ^ w5, 1)
    w[t + 9] = w9 = rotated(w9 ^ w11 ^ w1 ^ w6, 1)
    w[t + 10] = w10 = rotated(w10 ^ w12 ^ w2 ^ w7, 1)
    w[t + 11] = w11 = rotated(w11 ^ w13 ^ w3 ^ w8, 1)
    w[t + 12] = w12 = rotated(w12 ^ w14 ^ w4 ^ w9, 1)
    w[t + 13] = w13 = rotated(w13 ^ w15 ^ w5 ^ w10, 1)
    w[t + 14] = w14 = rotated(w14 ^ w0 ^ w6 ^ w11, 1)
    w[t + 15] = w15 = rotated(w15 ^ w1 ^ w7 ^ w12, 1)
  }
}

/** §6.1.2, for the block whose words begin the schedule. */
function compress(state: Sha1State): void {
  const w = schedule
  expand(w)
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  for (let t = 0; t < 20; t++) {
    const next = (rotated(a, 5) + choice(b, c, d) + e + (w[t] ?? 0) + 0x5a827999) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  for (let t = 20; t < 40; t++) {
    const next = (rotated(a, 5) + parity(b, c, d) + e + (w[t] ?? 0) + 0x6ed9eba1) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  for (let t = 40; t < 60; t++) {
    const next = (rotated(a, 5) + majority(b, c, d) + e + (w[t] ?? 0) - 0x70e44324) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  for (let t = 60; t < 80; t++) {
    const next = (rotated(a, 5) + parity(b, c, d) + e + (w[t] ?? 0) - 0x359d3e2a) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  state[0] = (state[0] ?? 0) + a
  state[1] = (state[1] ?? 0) + b
  state[2] = (state[2] ?? 0) + c
  state[3] = (state[3] ?? 0) + d
  state[4] = (state[4] ?? 0) + e
}
