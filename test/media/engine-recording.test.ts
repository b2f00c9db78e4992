import { expect } from 'chai'
import type { Appender, Store } from '../../src/kernel/store.ts'
import type { LocalMedia } from '../../src/media/face.ts'
import { levelDbov } from '../../src/media/level.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { mediaLab, pair, pass, recorded, sine } from '../support/media-lab.ts'
import type { MediaLab } from '../support/media-lab.ts'

describe('recording', () => {
  let lab: MediaLab
  let caller: LocalMedia
  let voicemail: LocalMedia

  async function begin(store?: Store): Promise<void> {
    lab = mediaLab(store)
    ;[caller, voicemail] = await pair(lab.media)
    await pass(lab.clock, 200)
  }

  beforeEach(() => begin())

  afterEach(async () => {
    const closed = lab.media.close()
    await pass(lab.clock, 6000)
    await closed
  })

  it('is synced as often as it was asked for, and else at its end, so that power may be lost', async () => {
    for (const [syncMs, kept] of [
      [1000, 2000],
      [undefined, 0],
    ] as const) {
      const disk = memoryStore()
      await begin(disk)
      void caller.play(sine(5000))
      const recording = voicemail.record({ name: 'a.pcm', ...(syncMs === undefined ? {} : { syncMs }) })
      await pass(lab.clock, 2900)
      disk.crash()
      expect(await recorded(disk, 'a.pcm'), `synced after ${String(syncMs)} ms`).to.have.length(kept * 8)
      await recording.stop()
    }
  })

  it('ends at its limit to the millisecond', async () => {
    const recording = voicemail.record({ name: 'deposits/a.pcm', maxMs: 1234 })
    void caller.play(sine(3000))
    await pass(lab.clock, 1300)
    expect(await recording.finished).to.deep.equal({ end: 'limit', ms: 1234, trailingSilenceMs: 0 })
    expect(await recorded(lab.store, 'deposits/a.pcm')).to.have.length(1234 * 8)
    expect(lab.events).to.deep.include({
      type: 'media.recorded',
      media: 'media-2',
      name: 'deposits/a.pcm',
      end: 'limit',
      ms: 1234,
    })
  })

  it('ends after silence, counted from the last speech', async () => {
    const recording = voicemail.record({ name: 'a.pcm', silenceMs: 2000 })
    void caller.play(sine(1000))
    await pass(lab.clock, 4000)
    const { end, ms, trailingSilenceMs } = await recording.finished
    expect({ end, trailingSilenceMs }).to.deep.equal({ end: 'silence', trailingSilenceMs: 2000 })
    expect(ms).to.be.within(3120, 3160)
  })

  it('ends after silence from the start when nobody speaks', async () => {
    const recording = voicemail.record({ name: 'a.pcm', silenceMs: 2000 })
    void caller.play(sine(4000, 440, 100))
    await pass(lab.clock, 3000)
    expect(await recording.finished).to.deep.equal({ end: 'silence', ms: 2000, trailingSilenceMs: 2000 })
  })

  it('ends at a stop digit, and not at another', async () => {
    const recording = voicemail.record({ name: 'a.pcm', stopDigits: '#*' })
    void caller.sendDigits('1#2')
    await pass(lab.clock, 1000)
    const { end, ms } = await recording.finished
    expect(end).to.equal('digit')
    expect(ms).to.be.within(320, 420)
  })

  it('ends when stopped, with all that had come by then, the 120 ms that waited to be played out included', async () => {
    const recording = voicemail.record({ name: 'a.pcm' })
    const said = sine(500)
    void caller.play(said)
    await pass(lab.clock, 500)
    const { end, ms } = await recording.stop()
    expect({ end, ms }).to.deep.equal({ end: 'stopped', ms: 620 })
    const pcm = await recorded(lab.store, 'a.pcm')
    expect(levelDbov(pcm.subarray(pcm.length - 800)), 'its last 100 ms').to.be.closeTo(levelDbov(said), 1)
    expect(await recording.stop()).to.have.property('ms', 620)
  })

  it('ends when the next one begins', async () => {
    const first = voicemail.record({ name: 'a.pcm' })
    await pass(lab.clock, 100)
    const second = voicemail.record({ name: 'b.pcm', maxMs: 100 })
    await pass(lab.clock, 200)
    expect(await first.finished).to.include({ end: 'stopped', ms: 100 })
    expect(await second.finished).to.include({ end: 'limit', ms: 100 })
  })

  it('is finished and synced when its leg closes', async () => {
    const store = memoryStore()
    await begin(store)
    const recording = voicemail.record({ name: 'a.pcm' })
    await pass(lab.clock, 500)
    await voicemail.close()
    expect(await recording.finished).to.deep.equal({ end: 'closed', ms: 620, trailingSilenceMs: 620 })
    store.crash()
    expect(await recorded(store, 'a.pcm')).to.have.length(4960)
  })

  it('asked of a closed leg is over at once', async () => {
    await voicemail.close()
    expect(await voicemail.record({ name: 'a.pcm' }).finished).to.deep.equal({
      end: 'closed',
      ms: 0,
      trailingSilenceMs: 0,
    })
  })

  it('has silence for time without packets, and before the answer is known', async () => {
    const deaf = await lab.media.open({ bind: '10.0.0.3' })
    const recording = deaf.record({ name: 'a.pcm', maxMs: 300 })
    await pass(lab.clock, 400)
    expect(await recording.finished).to.deep.equal({ end: 'limit', ms: 300, trailingSilenceMs: 300 })
    expect(await recorded(lab.store, 'a.pcm')).to.deep.equal(new Int16Array(2400))
  })

  describe('on a bad disk', () => {
    /** A disk whose files do as they are told here. */
    const diskWith = (file: Partial<Appender>): Store => {
      const good = memoryStore()
      return { ...good, append: async (name) => ({ ...(await good.append(name)), ...file }) }
    }
    const refused = (): Promise<never> => Promise.reject(new Error('no space left on device'))
    const stuck = (): Promise<never> => new Promise(() => undefined)
    const failures = (): string[] => lab.events.flatMap((event) => (event.type === 'media.failed' ? [event.text] : []))

    it('fails once, with an event that says why', async () => {
      await begin(diskWith({ write: refused }))
      const recording = voicemail.record({ name: 'a.pcm' })
      await pass(lab.clock, 1000)
      expect(await recording.finished).to.include({ end: 'failed', ms: 0 })
      expect(failures()).to.deep.equal(['recording a.pcm: no space left on device'])
    })

    it('fails when the file cannot be opened', async () => {
      await begin({ ...memoryStore(), append: refused })
      expect(await voicemail.record({ name: 'a.pcm' }).stop()).to.include({ end: 'failed', ms: 0 })
    })

    it('fails when what was written cannot be synced', async () => {
      await begin(diskWith({ sync: refused }))
      const recording = voicemail.record({ name: 'a.pcm', maxMs: 100 })
      await pass(lab.clock, 200)
      expect(await recording.finished).to.include({ end: 'failed', ms: 100 })
    })

    it('fails rather than hang when the disk is stuck', async () => {
      await begin(diskWith({ write: stuck }))
      const recording = voicemail.record({ name: 'a.pcm', maxMs: 500 })
      await pass(lab.clock, 5600)
      expect(await recording.finished).to.include({ end: 'failed', ms: 0 })
      expect(failures()).to.deep.equal(['recording a.pcm: the disk did not finish within 5000 ms'])
    })

    it('fails when the disk falls too far behind', async () => {
      await begin(diskWith({ write: stuck }))
      const recording = voicemail.record({ name: 'a.pcm' })
      await pass(lab.clock, 36_000)
      expect(await recording.finished).to.include({ end: 'failed', ms: 0 })
      expect(failures()).to.deep.equal(['recording a.pcm: the disk is behind by more than 150 pieces'])
    })
  })
})
