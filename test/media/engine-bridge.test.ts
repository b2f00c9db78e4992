import { expect } from 'chai'
import type { LocalMedia } from '../../src/media/face.ts'
import { levelDbov } from '../../src/media/level.ts'
import { parseRtp } from '../../src/media/rtp.ts'
import { mediaLab, pass, recorded, sine, srtpKey, streamTo } from '../support/media-lab.ts'
import type { MediaLab } from '../support/media-lab.ts'

/** phone ──RTP── inside ═bridge═ outside ──SRTP── voicemail */
describe('bridge', () => {
  let lab: MediaLab
  let phone: LocalMedia
  let inside: LocalMedia
  let outside: LocalMedia
  let voicemail: LocalMedia

  beforeEach(async () => {
    lab = mediaLab()
    phone = await lab.media.open({ bind: '10.0.0.1' })
    inside = await lab.media.open({ bind: '10.0.0.2' })
    outside = await lab.media.open({ bind: '10.0.0.3' })
    voicemail = await lab.media.open({ bind: '10.0.0.4' })
    inside.bridge(outside)
    phone.connect(streamTo(inside.address))
    inside.connect(streamTo(phone.address))
    const out = srtpKey('out')
    const back = srtpKey('back')
    outside.connect(streamTo(voicemail.address, { sendKey: out, receiveKey: back, telephoneEvent: 96 }))
    voicemail.connect(streamTo(outside.address, { sendKey: back, receiveKey: out, telephoneEvent: 96 }))
    await pass(lab.clock, 200)
  })

  afterEach(async () => {
    await lab.media.close()
    expect(lab.datagrams.bound).to.equal(0)
  })

  it('carries sound both ways between RTP and SRTP', async () => {
    const there = voicemail.record({ name: 'there.pcm', maxMs: 700 })
    const back = phone.record({ name: 'back.pcm', maxMs: 700 })
    void phone.play(sine(1000))
    void voicemail.play(sine(1000, 700, 2000))
    await pass(lab.clock, 800)
    await Promise.all([there.finished, back.finished])
    const heardThere = await recorded(lab.store, 'there.pcm')
    const heardBack = await recorded(lab.store, 'back.pcm')
    expect(levelDbov(heardThere.subarray(1600))).to.be.closeTo(levelDbov(sine(500)), 0.1)
    expect(levelDbov(heardBack.subarray(1600))).to.be.closeTo(levelDbov(sine(500, 700, 2000)), 0.1)
  })

  it('keeps payload, sequence, timestamp and SSRC, and adds no packet of its own', () => {
    const from = (leg: LocalMedia): Uint8Array[] =>
      lab.datagrams.sent.filter((datagram) => datagram.from.port === leg.address.port).map(({ bytes }) => bytes)
    const heads = (leg: LocalMedia): Uint8Array[] => from(leg).map((bytes) => bytes.subarray(0, 12))
    expect(from(outside)).to.have.length(9)
    expect(heads(outside)).to.deep.equal(heads(phone).slice(0, 9))
    expect(parseRtp(from(inside)[0]!)).to.have.property('ssrc', parseRtp(from(voicemail)[0]!)!.ssrc)
  })

  it('carries digits under the payload type of each side', async () => {
    const heard: string[] = []
    voicemail.onDigit((digit) => heard.push(digit))
    void phone.sendDigits('42')
    await pass(lab.clock, 1000)
    expect(heard).to.deep.equal(['4', '2'])
  })

  it('counts what it relays', async () => {
    const summary = await outside.close()
    expect(summary).to.deep.include({ sent: 9, received: 9, lost: 0, rejected: 0 })
  })

  it('lets through nothing that is not genuine', async () => {
    const before = await inside.close()
    lab.datagrams.send({ bytes: new Uint8Array(182).fill(0x80), from: voicemail.address, to: outside.address })
    await pass(lab.clock, 10)
    const { rejected } = await outside.close()
    expect([before.rejected, rejected]).to.deep.equal([0, 1])
  })

  it('ends with either leg: the other speaks for itself again', async () => {
    await inside.close()
    const sent = lab.datagrams.sent.length
    await pass(lab.clock, 100)
    const ours = lab.datagrams.sent.slice(sent).filter(({ from }) => from.port === outside.address.port)
    expect(ours).to.have.length(5)
  })

  it('counts packets that have nowhere to go yet', async () => {
    const alone = await lab.media.open({ bind: '10.0.0.5' })
    inside.bridge(alone)
    await pass(lab.clock, 100)
    expect(await inside.close()).to.have.property('rejected', 5)
  })
})
