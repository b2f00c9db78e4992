import { expect } from 'chai'
import type { Address } from '../../src/kernel/address.ts'
import { isUnroutable } from '../../src/media/source-gate.ts'
import { mediaLab, pass, srtpKey, streamTo } from '../support/media-lab.ts'
import type { MediaLab } from '../support/media-lab.ts'

describe('the source of packets', () => {
  let lab: MediaLab

  beforeEach(() => {
    lab = mediaLab()
  })

  afterEach(() => lab.media.close())

  const stray: Address = { host: '203.0.113.9', port: 6666 }
  const rtp = (timestamp: number): Uint8Array =>
    Uint8Array.of(0x80, 0, 0, timestamp, 0, 0, 0, timestamp, 0, 0, 0, 9, ...new Uint8Array(160))

  it('is the announced one: a stray is counted and ignored', async () => {
    const leg = await lab.media.open({ bind: '198.51.100.1' })
    const peer = await lab.media.open({ bind: '198.51.100.2' })
    leg.connect(streamTo(peer.address))
    peer.connect(streamTo(leg.address))
    for (let n = 0; n < 5; n++) lab.datagrams.send({ bytes: rtp(n), from: stray, to: leg.address })
    await pass(lab.clock, 110)
    expect(await leg.close()).to.include({ received: 5, rejected: 5 })
    expect(lab.datagrams.sent.filter(({ to }) => to.host === stray.host)).to.have.length(0)
  })

  it('is followed behind NAT once SRTP proves it, and held on to', async () => {
    const leg = await lab.media.open({ bind: '198.51.100.1' })
    const peer = await lab.media.open({ bind: '10.0.0.2' })
    const seen: Address = { host: '203.0.113.7', port: 1234 }
    lab.datagrams.source = (from) => (from.host === '10.0.0.2' ? seen : from)
    leg.connect(streamTo(peer.address, { sendKey: srtpKey('a'), receiveKey: srtpKey('b') }))
    peer.connect(streamTo(leg.address, { sendKey: srtpKey('b'), receiveKey: srtpKey('a') }))
    lab.datagrams.send({ bytes: rtp(1), from: stray, to: leg.address })
    await pass(lab.clock, 110)
    lab.datagrams.send({ bytes: rtp(2), from: stray, to: leg.address })
    await pass(lab.clock, 10)
    expect(lab.events).to.deep.include({ type: 'media.latched', media: 'media-1', address: '203.0.113.7:1234' })
    expect(lab.datagrams.sent.filter(({ to }) => to.port === seen.port)).to.have.length(5)
    expect(await leg.close()).to.include({ received: 5, rejected: 2 })
  })

  it('is whoever speaks first when plain RTP is announced from a private address', async () => {
    const leg = await lab.media.open({ bind: '198.51.100.1' })
    leg.connect(streamTo({ host: '192.168.1.5', port: 4000 }))
    lab.datagrams.send({ bytes: rtp(1), from: stray, to: leg.address })
    lab.datagrams.send({ bytes: rtp(2), from: { ...stray, port: 7777 }, to: leg.address })
    await pass(lab.clock, 30)
    expect(await leg.close()).to.include({ received: 1, rejected: 1 })
    expect(lab.datagrams.sent.at(-1)!.to).to.deep.equal(stray)
  })

  it('gets nothing while the peer is on hold at 0.0.0.0 (RFC 3264 8.4)', async () => {
    const leg = await lab.media.open({ bind: '198.51.100.1' })
    leg.connect(streamTo({ host: '0.0.0.0', port: 4000 }))
    await pass(lab.clock, 100)
    expect(await leg.close()).to.include({ sent: 0 })
  })

  it('is known by its address unless that is private or a name', () => {
    const unroutable = ['10.1.2.3', '172.16.0.1', '172.31.9.9', '192.168.0.1', '100.64.0.1', '169.254.1.1', '0.0.0.0']
    for (const host of [...unroutable, 'fd00::1', 'fe80::1', '::', 'sbc.example']) {
      expect(isUnroutable(host), host).to.equal(true)
    }
    for (const host of ['127.0.10.1', '172.32.0.1', '172.15.0.1', '100.128.0.1', '8.8.8.8', '2001:db8::1', '::1']) {
      expect(isUnroutable(host), host).to.equal(false)
    }
  })
})
