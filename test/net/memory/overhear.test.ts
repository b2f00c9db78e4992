import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { overhear } from '../../../src/net/memory/overhear.ts'
import type { WireTap } from '../../../src/net/tap.ts'

describe('overhearing a stream', () => {
  it('shows what is written, text or bytes, and lets it through unchanged', async () => {
    const ends = { local: { host: '127.0.20.30', port: 40_000 }, remote: { host: '127.0.20.40', port: 25 } }
    const seen: WireTap[] = []
    const stream = new PassThrough()
    overhear(stream, (write) => seen.push(write), ends)
    let written = false
    stream.write('EHLO ')
    stream.write(Buffer.from('post'), () => (written = true))
    stream.write('2e74', 'hex')
    stream.end()
    expect(Buffer.concat((await stream.toArray()) as Buffer[]).toString()).to.equal('EHLO post.t')
    expect(seen.map(({ bytes }) => Buffer.from(bytes).toString())).to.deep.equal(['EHLO ', 'post', '.t'])
    expect(seen[0]).to.deep.include({ direction: 'out', transport: 'tls', ...ends })
    expect(written).to.equal(true)
  })
})
