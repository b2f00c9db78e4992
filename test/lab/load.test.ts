import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import { readSound, readSounds, soundName } from '../../src/lab/audio.ts'
import { checkText } from '../../src/lab/document.ts'
import { loadLab } from '../../src/lab/load.ts'
import { labSchema, type LabFile } from '../../src/lab/schema.ts'
import { labText } from '../support/lab-text.ts'
import { writeWav } from '../../src/media/wav.ts'

const smallLab = (): LabFile => checkText(labText, 'lab.yaml', labSchema).value
const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => error,
  )

describe('the lab files that come with Postern', () => {
  it('all load, with every sound they name', async () => {
    const files = (await readdir('labs')).filter((file) => file.endsWith('.yaml'))
    expect(files).to.include('embedded.yaml')
    for (const file of files) {
      const { sounds } = await loadLab(join('labs', file))
      expect(sounds.mailboxes, file).to.have.length.above(0)
      for (const [name, pcm] of sounds.references) expect(pcm.length, `${file} ${name}`).to.be.above(8000)
    }
  })

  it('put each role of the embedded lab on an address of its own, inside and outside apart', async () => {
    const { file } = await loadLab('labs/embedded.yaml')
    const insides = [file.pbx.bind, file.sbc.inside.bind]
    const outsides = [file.sbc.outside.bind, file.voicemail.bind, file.exchange.bind]
    expect(new Set([...insides, ...outsides]).size).to.equal(5)
    for (const bind of insides) expect(bind).to.match(/^127\.0\.10\./)
    for (const bind of outsides) expect(bind).to.match(/^127\.0\.20\./)
  })

  it('take the container’s addresses from the environment, and their defaults without', async () => {
    const set = { POSTERN_BIND: '10.1.2.3', POSTERN_ADVERTISE: '192.0.2.9', POSTERN_CONTROL_BIND: '10.1.2.4' }
    const { file } = await loadLab('labs/container.yaml', set)
    expect([file.pbx.bind, file.pbx.advertise, file.control.bind]).to.deep.equal(['10.1.2.3', '192.0.2.9', '10.1.2.4'])
    const { file: plain } = await loadLab('labs/container.yaml')
    expect([plain.pbx.bind, plain.pbx.advertise, plain.control.bind]).to.deep.equal([
      '0.0.0.0',
      '127.0.0.1',
      '127.0.0.1',
    ])
  })

  it('keep the media ranges of the container apart', async () => {
    const { file } = await loadLab('labs/container.yaml')
    const ranges = [file.pbx, file.sbc.inside, file.sbc.outside, file.voicemail].map((s) => s.media ?? [0, 0])
    for (const [i, [first]] of ranges.entries()) expect(first).to.be.above(ranges[i - 1]?.[1] ?? 0)
  })
})

describe('the sounds of a lab', () => {
  let folder = ''
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'postern-'))))
  afterEach(() => rm(folder, { recursive: true }))

  const sound = async (name: string, length = 800, rate = 8000): Promise<string> => {
    await writeFile(join(folder, name), writeWav(new Int16Array(length), 'pcm16', rate))
    return join(folder, name)
  }

  it('are known by their file’s name without folder and ending', () => {
    expect(['audio/greeting-oof-1001.wav', 'x.WAV', 'plain'].map(soundName)).to.deep.equal([
      'greeting-oof-1001',
      'x',
      'plain',
    ])
  })

  it('are brought to 8 kHz', async () => {
    expect(await readSound(await sound('a.wav', 1600, 16_000))).to.have.length(800)
  })

  it('that are missing or no WAVE file are named', async () => {
    const missing = await thrownBy(readSound(join(folder, 'none.wav')))
    expect(missing).to.be.instanceOf(PosternError).with.property('code', 'file-unreadable')
    expect(missing)
      .to.have.property('message')
      .that.matches(/none\.wav cannot be read: ENOENT/)
    await writeFile(join(folder, 'text.wav'), 'hello')
    const invalid = await thrownBy(readSound(join(folder, 'text.wav')))
    expect(invalid).to.have.property('code', 'wav-invalid')
    expect(invalid)
      .to.have.property('message')
      .that.matches(/text\.wav: Not a WAVE file/)
  })

  it('become the mailboxes, extensions and prompts of the lab', async () => {
    for (const name of ['a.wav', 'b.wav', 'talk.wav']) await sound(name)
    const file = smallLab()
    const changed: LabFile = {
      ...file,
      voicemail: { ...file.voicemail, prompts: { standard: 'a.wav', oof: 'b.wav' } },
      extensions: [{ number: '1002', phone: 'answers', ring: 200, talk: 'talk.wav' }],
      mailboxes: [{ ...file.mailboxes[0]!, greetings: { oof: join(folder, 'b.wav') }, 'oof-greeting': 'always' }],
    }
    const { mailboxes, extensions, references } = await readSounds(changed, folder)
    expect([...references.keys()]).to.deep.equal(['a', 'b', 'talk'])
    expect(extensions[0]).to.deep.include({
      number: '1002',
      behaviour: 'answers',
      ringMs: 200,
      talk: references.get('talk'),
    })
    expect(mailboxes[0]?.settings).to.deep.equal({ enabled: true, oofAlways: true, oofFollowsAutomaticReplies: false })
    expect(mailboxes[0]?.greetings).to.deep.equal({ oof: references.get('b') })
  })

  it('may not share a name, for a report could not tell them apart', async () => {
    const file = smallLab()
    await sound('a.wav')
    const prompts = { standard: 'a.wav', oof: '../elsewhere/a.wav' }
    const thrown = await thrownBy(readSounds({ ...file, voicemail: { ...file.voicemail, prompts } }, folder))
    expect(thrown).to.have.property('code', 'file-invalid')
    expect(thrown)
      .to.have.property('message')
      .that.matches(/^Two sounds have the name a: .*a\.wav and .*elsewhere\/a\.wav$/)
  })
})
