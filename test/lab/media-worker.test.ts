import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startMediaWorker } from '../../src/lab/media-host.ts'
import type { MediaEvent } from '../../src/media/events.ts'
import type { LocalMedia, MediaPort } from '../../src/media/face.ts'
import { levelDbov } from '../../src/media/level.ts'
import { sine, srtpKey, streamTo } from '../support/media-lab.ts'

describe('media worker', () => {
  let recordings: string
  let media: MediaPort
  let events: MediaEvent[]

  beforeEach(async () => {
    recordings = await mkdtemp(join(tmpdir(), 'postern-media-'))
    events = []
    media = await startMediaWorker({ recordings, emit: (event) => events.push(event) })
  })

  afterEach(async () => {
    await media.close()
    await rm(recordings, { recursive: true })
  })

  async function connected(): Promise<[LocalMedia, LocalMedia]> {
    const one = await media.open({ bind: '127.0.0.1' })
    const two = await media.open({ bind: '127.0.0.1' })
    one.connect(streamTo(two.address, { sendKey: srtpKey('a'), receiveKey: srtpKey('b') }))
    two.connect(streamTo(one.address, { sendKey: srtpKey('b'), receiveKey: srtpKey('a') }))
    return [one, two]
  }

  it('carries sound and digits over loopback and records them on disk', async () => {
    const [one, two] = await connected()
    const pcm = sine(1000).subarray(0, 3200)
    const recording = two.record({ name: 'deposits/one.pcm', stopDigits: '#' })
    expect(await one.play(pcm)).to.equal(true)
    expect(pcm).to.have.length(3200)
    await one.sendDigits('#')
    const { end, ms } = await recording.finished
    expect(end).to.equal('digit')
    const bytes = await readFile(join(recordings, 'deposits/one.pcm'))
    expect(bytes).to.have.length(16 * ms)
    const heard = new Int16Array(new Uint8Array(bytes).buffer)
    const start = heard.findIndex((sample) => Math.abs(sample) > 1000)
    expect(levelDbov(heard.subarray(start, start + 2800))).to.be.closeTo(levelDbov(pcm), 0.5)
    const { received, rejected } = await two.close()
    expect(received).to.be.above(20)
    expect(rejected).to.equal(0)
  })

  it('refuses a host that is not ours', async () => {
    const refused = await media.open({ bind: '192.0.2.1' }).catch((error: unknown) => error)
    expect(refused).to.have.property('code', 'media-open')
  })

  it('finishes what goes on when it is told to end, and can be told twice', async () => {
    const [one, two] = await connected()
    const played = one.play(sine(5000))
    const recording = two.record({ name: 'one.pcm' })
    await Promise.all([media.close(), media.close()])
    expect(await played).to.equal(false)
    expect(await recording.finished).to.have.property('end', 'closed')
    expect(await one.play(sine(20))).to.equal(false)
    expect(events.filter(({ type }) => type === 'media.closed')).to.have.length(2)
  })

  it('that dies is an event, and nothing waits for it', async () => {
    const [one, two] = await connected()
    const played = one.play(sine(5000))
    const recording = two.record({ name: 'one.pcm' })
    one.record(undefined as never)
    expect(await played).to.equal(false)
    expect(await recording.finished).to.have.property('end', 'failed')
    expect(await one.close()).to.deep.equal({ sent: 0, received: 0, lost: 0, rejected: 0 })
    const [failure] = events.filter(({ type }) => type === 'media.failed')
    expect(failure)
      .to.have.property('text')
      .that.matches(/^the media worker failed: /)
    expect(await media.open({ bind: '127.0.0.1' }).catch((error: unknown) => error)).to.have.property(
      'code',
      'media-open',
    )
  })
})
