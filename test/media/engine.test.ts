import { expect } from 'chai'
import type { LocalMedia, MediaSummary, Recorded } from '../../src/media/face.ts'
import { levelDbov } from '../../src/media/level.ts'
import { parseRtp } from '../../src/media/rtp.ts'
import type { RtpPacket } from '../../src/media/rtp.ts'
import { pair, pass, recorded, sine, srtpKey, streamTo, mediaLab } from '../support/media-lab.ts'
import type { MediaLab } from '../support/media-lab.ts'

describe('media engine', () => {
  let lab: MediaLab

  beforeEach(() => {
    lab = mediaLab()
  })

  afterEach(async () => {
    await closeAll()
    expect(lab.datagrams.bound).to.equal(0)
  })

  async function closeAll(): Promise<void> {
    const closed = lab.media.close()
    await pass(lab.clock, 40)
    await closed
  }

  async function summaries(...legs: LocalMedia[]): Promise<MediaSummary[]> {
    const closed = legs.map((leg) => leg.close())
    await pass(lab.clock, 40)
    return Promise.all(closed)
  }

  /** What `two` records while `one` plays a second of sine. */
  async function carried(one: LocalMedia, two: LocalMedia, peak = 8000): Promise<{ end: Recorded; pcm: Int16Array }> {
    await pass(lab.clock, 200)
    const recording = two.record({ name: 'heard.pcm', maxMs: 1400 })
    const played = one.play(sine(1000, 440, peak))
    await pass(lab.clock, 2000)
    expect(await played).to.equal(true)
    return { end: await recording.finished, pcm: await recorded(lab.store, 'heard.pcm') }
  }

  const packetsFrom = (leg: LocalMedia): RtpPacket[] =>
    lab.datagrams.sent.filter(({ from }) => from.port === leg.address.port).map(({ bytes }) => parseRtp(bytes)!)

  const loud = (pcm: Int16Array): number => pcm.findIndex((sample) => Math.abs(sample) > 1000)
  const lastLoud = (pcm: Int16Array): number => pcm.findLastIndex((sample) => Math.abs(sample) > 1000)

  for (const codec of ['PCMU', 'PCMA'] as const) {
    for (const keyed of [false, true]) {
      it(`carries a sine as ${codec} over ${keyed ? 'SRTP' : 'RTP'} with its length and level`, async () => {
        const { end, pcm } = await carried(...(await pair(lab.media, { codec }, keyed)))
        expect(end).to.deep.include({ end: 'limit', ms: 1400 })
        expect(pcm).to.have.length(1400 * 8)
        expect(lastLoud(pcm) - loud(pcm)).to.be.within(1000 * 8 - 20, 1000 * 8)
        const start = loud(pcm)
        expect(levelDbov(pcm.subarray(start, start + 8000))).to.be.closeTo(levelDbov(sine(1000)), 0.1)
        const [bytes] = lab.datagrams.sent.map((datagram) => datagram.bytes.length)
        expect(bytes).to.equal(keyed ? 182 : 172)
      })
    }
  }

  for (const ptime of [10, 30, 60]) {
    it(`sends ${ptime} ms a packet when the peer asks for it`, async () => {
      const [one, two] = await pair(lab.media, { ptime })
      const { pcm } = await carried(one, two)
      expect(packetsFrom(one).every(({ payload }) => payload.length === 8 * ptime)).to.equal(true)
      expect(lastLoud(pcm) - loud(pcm)).to.be.within(1000 * 8 - 20, 1000 * 8)
    })
  }

  it('sends one unbroken stream from the first tick after connect on', async () => {
    const [one] = await pair(lab.media)
    await pass(lab.clock, 200)
    void one.play(sine(100))
    await pass(lab.clock, 800)
    const packets = packetsFrom(one)
    expect(packets).to.have.length(50)
    expect(packets.map(({ marker }) => marker).indexOf(true, 1)).to.equal(-1)
    const [first] = packets
    packets.forEach((packet, n) => {
      expect(packet.sequence).to.equal((first!.sequence + n) % 65_536)
      expect(packet.timestamp).to.equal((first!.timestamp + 160 * n) % 2 ** 32)
      expect(packet.ssrc).to.equal(first!.ssrc)
    })
  })

  for (const [codec, code] of [
    ['PCMU', 0xff],
    ['PCMA', 0xd5],
  ] as const) {
    it(`sends the silence of ${codec} while nothing is played, after a sound too`, async () => {
      const [one] = await pair(lab.media, { codec })
      await pass(lab.clock, 60)
      void one.play(sine(40))
      await pass(lab.clock, 100)
      const silent = packetsFrom(one).map(({ payload }) => payload.every((byte) => byte === code))
      expect(silent).to.deep.equal([true, true, true, false, false, true, true, true])
    })
  }

  it('keeps its beat when a tick comes late, and skips what is too late to make up', async () => {
    const [one] = await pair(lab.media)
    const now = lab.clock.now.bind(lab.clock)
    await pass(lab.clock, 100)
    lab.clock.now = () => now() + 1000
    await pass(lab.clock, 20)
    const packets = packetsFrom(one)
    expect(packets).to.have.length(5 + 10)
    expect(packets.at(-1)!.timestamp - packets[4]!.timestamp).to.equal(160 * 51)
  })

  it('rejects and counts packets under a wrong key, one event a second', async () => {
    const one = await lab.media.open({ bind: '10.0.0.1' })
    const two = await lab.media.open({ bind: '10.0.0.2' })
    one.connect(streamTo(two.address, { sendKey: srtpKey('a'), receiveKey: srtpKey('b') }))
    two.connect(streamTo(one.address, { sendKey: srtpKey('b'), receiveKey: srtpKey('wrong') }))
    await pass(lab.clock, 2010)
    const counts = lab.events.flatMap((event) => (event.type === 'media.rejected' ? [event.count] : []))
    expect(counts).to.deep.equal([1, 50])
    const [, summary] = await summaries(one, two)
    expect(summary).to.deep.include({ received: 0, rejected: 100 })
    expect(lab.events.filter(({ type }) => type === 'media.rejected')).to.have.length(3)
  })

  it('takes neither RTCP nor what is not RTP', async () => {
    const [one, two] = await pair(lab.media)
    const send = (bytes: number[]): void =>
      lab.datagrams.send({ bytes: Uint8Array.from(bytes), from: one.address, to: two.address })
    send([0x80, 200, 0, 1, 0, 0, 0, 1])
    for (const bytes of [[], [0], [0x80, 0, 1], [0x00, 1, 0, 0], [0xff, 0xff, 0xff, 0xff]]) send(bytes)
    await pass(lab.clock, 10)
    const [summary] = await summaries(two)
    expect(summary).to.deep.include({ rejected: 5 })
    expect(lab.events).to.deep.include({ type: 'media.rejected', media: 'media-2', reason: 'not-rtp', count: 4 })
  })

  it('keeps a renewed offer in the same stream, with the same SRTP state', async () => {
    const [one, two] = await pair(lab.media, {}, true)
    await pass(lab.clock, 100)
    one.connect(streamTo(two.address, { sendKey: srtpKey('there'), receiveKey: srtpKey('back') }))
    two.connect(streamTo(one.address, { sendKey: srtpKey('back'), receiveKey: srtpKey('there') }))
    await pass(lab.clock, 100)
    const [old] = lab.datagrams.sent.filter(({ to }) => to.port === two.address.port)
    lab.datagrams.send(old!)
    await pass(lab.clock, 10)
    const [first, second] = await summaries(one, two)
    expect([first!.rejected, second!.rejected]).to.deep.equal([0, 1])
    expect(second!.received).to.be.at.least(9)
    expect(lab.events).to.deep.include({ type: 'media.rejected', media: 'media-2', reason: 'replayed', count: 1 })
  })

  it('listens to early packets once the answer is known', async () => {
    const one = await lab.media.open({ bind: '10.0.0.1' })
    const two = await lab.media.open({ bind: '10.0.0.2' })
    one.connect(streamTo(two.address))
    await pass(lab.clock, 990)
    two.connect(streamTo(one.address))
    const [summary] = await summaries(two)
    expect(summary).to.deep.include({ received: 25 })
    expect(summary!.rejected).to.be.within(23, 26)
  })

  describe('on a bad line', () => {
    const expectWhole = (pcm: Int16Array): void => {
      expect(pcm).to.have.length(1400 * 8)
      expect(lastLoud(pcm) - loud(pcm)).to.be.within(1000 * 8 - 330, 1000 * 8)
    }

    it('fills in lost packets', async () => {
      const [one, two] = await pair(lab.media)
      lab.datagrams.path = (n) => (n % 20 === 8 ? [] : [1])
      const { pcm } = await carried(one, two)
      expectWhole(pcm)
      expect(longestSilence(pcm.subarray(loud(pcm), lastLoud(pcm)))).to.be.below(20)
      const [, summary] = await summaries(one, two)
      expect(summary!.lost).to.be.within(9, 13)
    })

    it('falls silent when a gap goes on', async () => {
      const [one, two] = await pair(lab.media)
      let broken = false
      lab.datagrams.path = () => (broken ? [] : [1])
      const recording = two.record({ name: 'gap.pcm', maxMs: 1000 })
      void one.play(sine(1000))
      await pass(lab.clock, 500)
      broken = true
      await pass(lab.clock, 600)
      await recording.finished
      const pcm = await recorded(lab.store, 'gap.pcm')
      expect(pcm).to.have.length(8000)
      expect(levelDbov(pcm.subarray(5600))).to.equal(-127)
    })

    it('puts reordered packets in order', async () => {
      const [one, two] = await pair(lab.media)
      lab.datagrams.path = (n) => [n % 6 === 0 ? 45 : 1]
      const { pcm } = await carried(one, two)
      expectWhole(pcm)
      expectSmooth(pcm)
    })

    it('takes a duplicate once', async () => {
      const [one, two] = await pair(lab.media)
      lab.datagrams.path = () => [1, 5]
      const { pcm } = await carried(one, two)
      expectWhole(pcm)
      expectSmooth(pcm)
      const [, summary] = await summaries(one, two)
      expect(summary!.lost).to.equal(0)
    })

    it('evens out 40 ms of jitter', async () => {
      const [one, two] = await pair(lab.media)
      lab.datagrams.path = (n) => [(n * 7) % 41]
      const { pcm } = await carried(one, two)
      expectWhole(pcm)
      expectSmooth(pcm)
    })

    /** Samples. */
    function longestSilence(pcm: Int16Array): number {
      let run = 0
      return pcm.reduce((longest, sample) => Math.max(longest, (run = sample === 0 ? run + 1 : 0)), 0)
    }

    /** No step between two samples that a 440 Hz sine does not make. */
    function expectSmooth(pcm: Int16Array): void {
      const inside = pcm.subarray(loud(pcm), lastLoud(pcm))
      const steepest = Math.max(...inside.subarray(1).map((sample, i) => Math.abs(sample - inside[i]!)))
      expect(steepest).to.be.below(3400)
    }
  })

  describe('digits', () => {
    it('go across as telephone-event, each reported once', async () => {
      const [one, two] = await pair(lab.media, {}, true)
      const heard: string[] = []
      two.onDigit((digit) => heard.push(digit))
      const sent = one.sendDigits('15#')
      await pass(lab.clock, 1000)
      await sent
      expect(heard.join('')).to.equal('15#')
      expect(lab.events.filter(({ type }) => type === 'media.digit')).to.have.length(3)
    })

    it('take the place of audio and leave its timeline alone (RFC 4733 2.5.1)', async () => {
      const [one] = await pair(lab.media)
      void one.sendDigits('7')
      await pass(lab.clock, 400)
      const packets = packetsFrom(one)
      const events = packets.filter(({ payloadType }) => payloadType === 101)
      expect(new Set(events.map(({ timestamp }) => timestamp))).to.have.property('size', 1)
      expect(events.map(({ marker }) => marker).lastIndexOf(true)).to.equal(0)
      const audio = packets.filter(({ payloadType }) => payloadType === 0)
      expect((audio.at(-1)!.timestamp - packets[0]!.timestamp) >>> 0).to.equal(160 * (packets.length - 1))
    })

    it('are refused with an event when nobody agreed to them', async () => {
      const one = await lab.media.open({ bind: '10.0.0.1' })
      const { remote, codec, payloadType, ptime } = streamTo({ host: '10.0.0.2', port: 4000 })
      one.connect({ remote, codec, payloadType, ptime })
      const sent = one.sendDigits('1')
      await pass(lab.clock, 40)
      await sent
      const text = 'digits not sent: no telephone-event agreed'
      expect(lab.events).to.deep.include({ type: 'media.failed', media: 'media-1', text })
    })
  })

  describe('playing', () => {
    it('is ended by the next play and by stop', async () => {
      const [one] = await pair(lab.media)
      const first = one.play(sine(1000))
      await pass(lab.clock, 100)
      const second = one.play(sine(1000))
      expect(await first).to.equal(false)
      one.stopPlaying()
      expect(await second).to.equal(false)
      const sent = packetsFrom(one).length
      await pass(lab.clock, 100)
      expect(packetsFrom(one)).to.have.length(sent + 5)
    })

    it('ends with the leg, also when it never was connected', async () => {
      const one = await lab.media.open({ bind: '10.0.0.1' })
      const played = one.play(sine(1000))
      await summaries(one)
      expect(await played).to.equal(false)
      expect(await one.play(sine(20))).to.equal(false)
    })

    it('resolves when the last sample is out', async () => {
      const [one] = await pair(lab.media)
      let over = -1
      const played = one.play(sine(200)).then(() => (over = lab.clock.now()))
      await pass(lab.clock, 400)
      await played
      expect(over).to.be.within(200, 230)
    })
  })

  describe('ports', () => {
    it('are even ones of a range until it is used up', async () => {
      const order = { bind: '10.0.0.1', ports: [4001, 4007] as const }
      const legs = [await lab.media.open(order), await lab.media.open(order), await lab.media.open(order)]
      expect(legs.map(({ address }) => address.port)).to.deep.equal([4002, 4004, 4006])
      const refused = await lab.media.open(order).catch((error: unknown) => error)
      expect(refused).to.have.property('code', 'media-open')
      expect(refused).to.have.property('message').that.includes('from 4001 to 4007')
      await summaries(legs[1]!)
      expect((await lab.media.open(order)).address.port).to.equal(4004)
    })

    it('are told under the advertised host', async () => {
      const leg = await lab.media.open({ bind: '10.0.0.1', advertised: '192.0.2.1' })
      expect(leg.address.host).to.equal('192.0.2.1')
    })

    it('are refused after close', async () => {
      await closeAll()
      expect(await lab.media.open({ bind: '10.0.0.1' }).catch((error: unknown) => error)).to.have.property(
        'code',
        'media-open',
      )
    })
  })
})
