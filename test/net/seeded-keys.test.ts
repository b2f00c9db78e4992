import { checkPrimeSync, createPrivateKey, X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import type { KeyPair } from '../../src/kernel/keys.ts'
import { seededRandom } from '../../src/kernel/random.ts'
import { seededKeys } from '../../src/net/seeded-keys.ts'
import { issue, makeAuthority } from '../../src/pki/authority.ts'

/** Numbers of a private key by their JWK names (RFC 7518 §6.3). */
function numbers({ privateKey }: KeyPair): (name: string) => bigint {
  const jwk = createPrivateKey(privateKey).export({ format: 'jwk' })
  return (name) => BigInt(`0x${Buffer.from(String(jwk[name]), 'base64url').toString('hex')}`)
}

describe('seeded keys', function () {
  this.timeout(60_000)
  this.slow(10_000)
  let keys: KeyPair
  before(async () => {
    keys = await seededKeys(seededRandom('one'))(2048)
  })

  it('are the same for the same seed, others for another, and others each time', async () => {
    const again = seededKeys(seededRandom('one'))
    expect(await again(2048)).to.deep.equal(keys)
    const others = [
      await again(1024),
      await seededKeys(seededRandom('two'))(1024),
      await seededKeys(seededRandom('one'))(1024),
    ]
    expect(new Set(others.map(({ publicKey }) => publicKey)).size).to.equal(3)
  })

  it('have the length asked for, of two primes half as long', () => {
    const of = numbers(keys)
    const bits = (value: bigint): number => value.toString(2).length
    expect(createPrivateKey(keys.privateKey).asymmetricKeyDetails).to.deep.equal({
      modulusLength: 2048,
      publicExponent: 65_537n,
    })
    expect([bits(of('n')), bits(of('p')), bits(of('q'))]).to.deep.equal([2048, 1024, 1024])
    expect([checkPrimeSync(of('p')), checkPrimeSync(of('q'))]).to.deep.equal([true, true])
    expect([of('p') !== of('q'), of('p') * of('q')]).to.deep.equal([true, of('n')])
  })

  it('have their whole length whatever was drawn: the two highest bits of each prime are set', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const of = numbers(await seededKeys(seededRandom(seed))(512))
      expect([of('p') >> 254n, of('q') >> 254n, of('n') >> 511n]).to.deep.equal([3n, 3n, 1n])
    }
  })

  it('have the exponents that belong to their primes (RFC 8017 §3.2)', () => {
    const of = numbers(keys)
    const [p, q] = [of('p'), of('q')]
    expect((of('e') * of('d')) % ((p - 1n) * (q - 1n))).to.equal(1n)
    expect([of('dp'), of('dq')]).to.deep.equal([of('d') % (p - 1n), of('d') % (q - 1n)])
    expect((of('qi') * q) % p).to.equal(1n)
  })

  it('sign certificates that verify', () => {
    const [at, serial] = [Date.UTC(2026, 0, 1), Uint8Array.of(1)]
    const authority = makeAuthority({ name: 'Seeded', keys, at, serial })
    const order = {
      subject: 'a.test',
      keys,
      notBefore: at,
      notAfter: at + 1000,
      usage: ['serverAuth'] as const,
      serial,
    }
    const leaf = new X509Certificate(issue(authority, order).chain)
    expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).to.equal(true)
    expect(leaf.checkPrivateKey(createPrivateKey(keys.privateKey))).to.equal(true)
  })
})
