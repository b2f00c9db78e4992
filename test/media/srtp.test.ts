import { createCipheriv, createHmac } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import type { SrtpKey } from '../../src/media/face.ts'
import { parseRtp, writeRtp } from '../../src/media/rtp.ts'
import { deriveSessionKeys } from '../../src/media/srtp-key-derivation.ts'
import { SrtpReceiver, SrtpSender } from '../../src/media/srtp.ts'

const hex = (bytes: Uint8Array | string): string =>
  typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('hex').toUpperCase()
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

const key: SrtpKey = {
  key: bytes('E1F97A0D3E018BE0D64FA32C06DE4139'),
  salt: bytes('0EC675AD498AFEEBB6960B3AABE6'),
}
const rtp = (sequence: number, ssrc = 0xcafebabe, length = 160): Uint8Array => {
  const payload = new Uint8Array(length).fill(sequence + 1)
  return writeRtp({
    payloadType: 0,
    marker: false,
    sequence: sequence & 0xffff,
    timestamp: 160 * sequence,
    ssrc,
    payload,
  })
}

/** Both ends of one direction, and packets sent in order: the answer holds the SRTP of each. */
function direction(): { sender: SrtpSender; receiver: SrtpReceiver; send: (from: number, to: number) => Uint8Array[] } {
  const sender = new SrtpSender(key)
  const send = (from: number, to: number): Uint8Array[] =>
    Array.from({ length: to - from + 1 }, (_, i) => sender.protect(rtp(from + i)))
  return { sender, receiver: new SrtpReceiver(key), send }
}

const tagOf = (authenticated: Uint8Array, roc: number): Uint8Array => {
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(roc)
  const mac = createHmac('sha1', deriveSessionKeys(key).authentication)
  return new Uint8Array(mac.update(authenticated).update(counter).digest().subarray(0, 10))
}

/** The payload by Node's own counter mode, with the IV of §4.1.1. */
const encrypted = (plain: Uint8Array, roc: number): Uint8Array => {
  const { cipher, salt } = deriveSessionKeys(key)
  const number = Buffer.alloc(16)
  number.set(plain.subarray(8, 12), 4)
  number.writeUInt32BE(roc, 8)
  number.set(plain.subarray(2, 4), 12)
  const iv = number.map((byte, i) => byte ^ (salt[i] ?? 0))
  return new Uint8Array(createCipheriv('aes-128-ctr', cipher, iv).update(plain.subarray(12)))
}

/** A packet with the fixed header, protected by node:crypto. */
const byNode = (plain: Uint8Array, roc: number): Uint8Array => {
  const authenticated = Uint8Array.from([...plain.subarray(0, 12), ...encrypted(plain, roc)])
  return Uint8Array.from([...authenticated, ...tagOf(authenticated, roc)])
}

describe('SRTP with AES_CM_128_HMAC_SHA1_80 (RFC 3711)', () => {
  it('protects the packet libsrtp is validated with as libsrtp does', () => {
    const plain = bytes('800f1234 decafbad cafebabe abababab abababab abababab abababab')
    const expected = bytes('800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb')
    expect(hex(new SrtpSender(key).protect(plain))).to.equal(hex(expected))
    expect(hex(new SrtpReceiver(key).unprotect(expected))).to.equal(hex(plain))
  })

  it('leaves the header in clear, sources and extension with it, and adds ten bytes', () => {
    const header = bytes('9100 0001 00000000 cafebabe 01020304 bede0001 11223344')
    const plain = Uint8Array.from([...header, ...new Uint8Array(20)])
    const srtp = new SrtpSender(key).protect(plain)
    expect(srtp).to.have.length(plain.length + 10)
    expect(hex(srtp.subarray(0, header.length))).to.equal(hex(header))
    expect(srtp.subarray(header.length, plain.length).every((byte) => byte === 0)).to.equal(false)
    expect(hex(new SrtpReceiver(key).unprotect(srtp))).to.equal(hex(plain))
  })

  it('carries a payload of any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1400 }), fc.nat(0xffff), (length, sequence) => {
        const plain = rtp(sequence, 1, length)
        return hex(new SrtpReceiver(key).unprotect(new SrtpSender(key).protect(plain))) === hex(plain)
      }),
    )
  })

  it('leaves what it is given untouched', () => {
    const plain = rtp(1)
    const srtp = new SrtpSender(key).protect(plain)
    const before = hex(srtp)
    new SrtpReceiver(key).unprotect(srtp)
    expect(hex(plain)).to.equal(hex(rtp(1)))
    expect(hex(srtp)).to.equal(before)
  })

  describe('roll-over (§3.3.1)', () => {
    it('goes on past 65535 with the next counter in the tag', () => {
      const { receiver, send } = direction()
      const [, last, first] = send(65_534, 65_536) as [Uint8Array, Uint8Array, Uint8Array]
      expect(hex(last.subarray(-10))).to.equal(hex(tagOf(last.subarray(0, -10), 0)))
      expect(hex(first.subarray(-10))).to.equal(hex(tagOf(first.subarray(0, -10), 1)))
      expect(hex(receiver.unprotect(last))).to.equal(hex(rtp(65_535)))
      expect(hex(receiver.unprotect(first))).to.equal(hex(rtp(65_536)))
    })

    it('gives each cycle a keystream of its own', () => {
      const { send } = direction()
      const [last, first] = send(65_535, 65_536) as [Uint8Array, Uint8Array]
      expect(hex(last.subarray(12, -10))).to.equal(hex(encrypted(rtp(65_535), 0)))
      expect(hex(first.subarray(12, -10))).to.equal(hex(encrypted(rtp(65_536), 1)))
    })

    it('is not begun by a packet from before the first that was sent', () => {
      const { sender, receiver } = direction()
      const packets = [0, 65_535, 1].map((sequence) => sender.protect(rtp(sequence)))
      expect(packets.map((srtp) => receiver.unprotect(srtp)).map(hex)).to.deep.equal([
        hex(rtp(0)),
        'replayed',
        hex(rtp(1)),
      ])
    })

    it('is followed over several cycles, also when every other packet is lost', () => {
      const { sender, receiver } = direction()
      for (let sequence = 0; sequence < 4 * 65_536; sequence += 9001) {
        expect(hex(receiver.unprotect(sender.protect(rtp(sequence)))), `${sequence}`).to.equal(hex(rtp(sequence)))
      }
    })

    it('bears packets out of order around the wrap, on either end', () => {
      const order = [65_533, 65_536, 65_535, 65_538, 65_534, 65_537]
      const { receiver, send } = direction()
      const packets = send(65_533, 65_538)
      for (const sequence of order) {
        expect(hex(receiver.unprotect(packets[sequence - 65_533]!)), `${sequence}`).to.equal(hex(rtp(sequence)))
      }
      const relayed = direction()
      for (const sequence of order) {
        const srtp = relayed.sender.protect(rtp(sequence))
        expect(hex(srtp)).to.equal(hex(packets[sequence - 65_533]!))
        expect(hex(relayed.receiver.unprotect(srtp))).to.equal(hex(rtp(sequence)))
      }
    })

    it('is not moved by a forged packet', () => {
      const { receiver, send } = direction()
      const packets = send(65_530, 65_537)
      receiver.unprotect(packets[0]!)
      const forged = packets[7]!.slice()
      forged[20] = forged[20]! ^ 1
      expect(receiver.unprotect(forged)).to.equal('authentication')
      expect(packets.slice(1).map((srtp) => hex(receiver.unprotect(srtp)))).to.deep.equal(
        Array.from({ length: 7 }, (_, i) => hex(rtp(65_531 + i))),
      )
    })
  })

  describe('replay (§3.3.2)', () => {
    it('is refused at once and later', () => {
      const { receiver, send } = direction()
      const packets = send(1, 40)
      for (const srtp of packets) receiver.unprotect(srtp)
      expect(packets.map((srtp) => receiver.unprotect(srtp))).to.deep.equal(packets.map(() => 'replayed'))
    })

    it('window lets 63 packets back through once, and nothing older than it can tell', () => {
      const { receiver, send } = direction()
      const packets = send(1, 200)
      receiver.unprotect(packets[199]!)
      expect(hex(receiver.unprotect(packets[199 - 63]!))).to.equal(hex(rtp(137)))
      expect(receiver.unprotect(packets[199 - 63]!)).to.equal('replayed')
      expect(receiver.unprotect(packets[0]!)).to.equal('replayed')
    })

    it('window does not go back with a late packet', () => {
      const { receiver, send } = direction()
      const packets = send(1, 200)
      receiver.unprotect(packets[199]!)
      receiver.unprotect(packets[199 - 63]!)
      expect(receiver.unprotect(packets[199 - 130]!)).to.equal('replayed')
    })

    it('across the wrap is refused', () => {
      const { receiver, send } = direction()
      const packets = send(65_530, 65_545)
      for (const srtp of packets) receiver.unprotect(srtp)
      expect(packets.map((srtp) => receiver.unprotect(srtp))).to.deep.equal(packets.map(() => 'replayed'))
    })

    it('from before the first cycle is refused', () => {
      const { receiver, send } = direction()
      receiver.unprotect(send(0, 0)[0]!)
      expect(receiver.unprotect(new SrtpSender(key).protect(rtp(65_535)))).to.equal('replayed')
    })
  })

  describe('authentication (§4.2)', () => {
    it('fails for one bit changed in any byte, and the true packet is still welcome', () => {
      const receiver = new SrtpReceiver(key)
      const srtp = new SrtpSender(key).protect(rtp(7, 1, 20))
      for (let at = 0; at < srtp.length; at++) {
        const tampered = srtp.slice()
        tampered[at] = tampered[at]! ^ (at === 0 ? 0x40 : 1)
        expect(receiver.unprotect(tampered), `byte ${at}`).to.equal('authentication')
      }
      expect(hex(receiver.unprotect(srtp))).to.equal(hex(rtp(7, 1, 20)))
    })

    it('fails under another key, and under another salt', () => {
      const srtp = new SrtpSender(key).protect(rtp(7))
      expect(new SrtpReceiver({ ...key, key: key.key.map((byte) => byte ^ 1) }).unprotect(srtp)).to.equal(
        'authentication',
      )
      expect(new SrtpReceiver({ ...key, salt: key.salt.map((byte) => byte ^ 1) }).unprotect(srtp)).to.equal(
        'authentication',
      )
    })

    it('leaves no trace of a forged packet: neither its place, nor its source', () => {
      const { sender, receiver, send } = direction()
      const forged = (srtp: Uint8Array): Uint8Array => srtp.map((byte, at) => (at < srtp.length - 1 ? byte : byte ^ 1))
      const known = Array.from({ length: 16 }, (_, ssrc) => sender.protect(rtp(1, ssrc)))
      for (const srtp of known) receiver.unprotect(srtp)
      const strangers = Array.from({ length: 20 }, (_, n) => forged(new SrtpSender(key).protect(rtp(1, 100 + n))))
      const ahead = Array.from({ length: 20 }, (_, n) => forged(sender.protect(rtp(1000 * n + 9, 3))))
      for (const srtp of [...strangers, ...ahead]) expect(receiver.unprotect(srtp)).to.equal('authentication')
      expect(known.map((srtp) => receiver.unprotect(srtp))).to.deep.equal(known.map(() => 'replayed'))
      expect(hex(receiver.unprotect(new SrtpSender(key).protect(rtp(2, 3))))).to.equal(hex(rtp(2, 3)))
      expect(send(1, 3).map((srtp) => hex(receiver.unprotect(srtp)))).to.deep.equal([1, 2, 3].map((n) => hex(rtp(n))))
    })

    it('is not tried on what has no room for a header and a tag', () => {
      const srtp = new SrtpSender(key).protect(rtp(7, 1, 0))
      for (let length = 0; length < 22; length++) {
        expect(new SrtpReceiver(key).unprotect(srtp.subarray(0, length)), `${length}`).to.equal('too-short')
      }
      const withSources = srtp.slice()
      withSources[0] = 0x8f
      expect(new SrtpReceiver(key).unprotect(withSources)).to.equal('too-short')
    })

    it('never throws, whatever the bytes', () => {
      const receiver = new SrtpReceiver(key)
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (given) => typeof receiver.unprotect(given) === 'string'),
      )
    })
  })

  describe('several sources under one key', () => {
    it('have a roll-over counter and a replay window each', () => {
      const { sender, receiver } = direction()
      for (const sequence of [65_534, 65_535, 65_536, 65_537]) {
        for (const ssrc of [1, 2]) {
          const low = ssrc === 1 ? sequence : sequence - 60_000
          const srtp = sender.protect(rtp(low, ssrc))
          expect(hex(receiver.unprotect(srtp)), `${ssrc}: ${low}`).to.equal(hex(rtp(low, ssrc)))
          expect(receiver.unprotect(srtp)).to.equal('replayed')
        }
      }
    })

    it('are each protected as node:crypto does it packet by packet and opened again, whatever leaps or comes late', () => {
      const packet = fc.record({
        ssrc: fc.constantFrom(1, 2, 0xcafebabe),
        step: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 700 })),
        late: fc.integer({ min: -20, max: 20 }),
        length: fc.oneof({ weight: 4, arbitrary: fc.constant(160) }, fc.nat(300)),
      })
      fc.assert(
        fc.property(fc.array(packet, { maxLength: 80 }), (packets) => {
          const { sender, receiver } = direction()
          const highest = new Map<number, number>()
          const stepped = packets.map(({ ssrc, step, late, length }, n) => {
            const sequence = (highest.get(ssrc) ?? 65_500) + step
            highest.set(ssrc, sequence)
            return { ssrc, sequence, length, order: n + late }
          })
          const first = [1, 2, 0xcafebabe].map((ssrc) => ({ ssrc, sequence: 65_500, length: 160, order: -100 }))
          highest.clear()
          for (const { ssrc, sequence, length } of [...first, ...stepped].sort((a, b) => a.order - b.order)) {
            const plain = rtp(sequence, ssrc, length)
            const srtp = sender.protect(plain)
            expect(hex(srtp)).to.equal(hex(byNode(plain, Math.floor(sequence / 65_536))))
            const tooLate = sequence <= (highest.get(ssrc) ?? 0) - 128
            expect(hex(receiver.unprotect(srtp))).to.equal(tooLate ? 'replayed' : hex(plain))
            highest.set(ssrc, Math.max(sequence, highest.get(ssrc) ?? 0))
          }
        }),
      )
    })

    it('have a keystream each', () => {
      const sender = new SrtpSender(key)
      const [one, two] = [1, 2].map((ssrc) => hex(sender.protect(rtp(5, ssrc)).subarray(12, -10)))
      expect(one).not.to.equal(two)
    })

    it('are remembered up to sixteen, the longest silent making room', () => {
      const { sender, receiver } = direction()
      const packets = Array.from({ length: 17 }, (_, ssrc) => sender.protect(rtp(1, ssrc)))
      for (const srtp of packets.slice(0, 16)) receiver.unprotect(srtp)
      receiver.unprotect(sender.protect(rtp(2, 0)))
      receiver.unprotect(packets[16]!)
      expect(receiver.unprotect(packets[0]!)).to.equal('replayed')
      expect(receiver.unprotect(packets[2]!)).to.equal('replayed')
      expect(parseRtp(receiver.unprotect(packets[1]!) as Uint8Array)?.ssrc).to.equal(1)
    })
  })
})
