import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadLab } from '../../src/lab/load.ts'
import { writeWav } from '../../src/media/wav.ts'
import { findScenarios, loadScenario } from '../../src/scenario/load.ts'

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => error,
  )

describe('the scenarios that come with Postern', () => {
  it('are found, sorted, and all load with what their callers say', async () => {
    const paths = await findScenarios(['scenarios'])
    const files = (await readdir('scenarios')).filter((file) => file.endsWith('.yaml'))
    expect(paths).to.deep.equal(files.sort().map((file) => join('scenarios', file)))
    for (const path of paths) {
      const { file, lines, sounds } = await loadScenario(path)
      expect(lines, path).to.have.length(file.steps.length)
      for (const [name, pcm] of sounds) expect(pcm.length, `${path} ${name}`).to.be.above(8000)
    }
  })

  it('name only greetings, extensions and mailboxes of the embedded lab', async () => {
    const { file: lab, sounds } = await loadLab('labs/embedded.yaml')
    const numbers = [lab.pilot, ...lab.extensions.map((e) => e.number)]
    const boxes = [`postmaster@${lab.exchange.domain}`, ...lab.mailboxes.flatMap((m) => [m.number, m.smtp])]
    for (const path of await findScenarios(['scenarios'])) {
      const { file } = await loadScenario(path)
      for (const step of file.steps) {
        if (step.verb === 'hear') expect([...sounds.references.keys()], path).to.include(step.value)
        if (step.verb === 'call') expect(numbers, path).to.include(step.value.to)
        if (step.verb === 'mail' || step.verb === 'no-mail' || step.verb === 'no-more-mail')
          expect(boxes, path).to.include(step.value.to)
      }
    }
  })
})

describe('loading a scenario', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-'))
    await mkdir(join(folder, 'audio'))
    await writeFile(join(folder, 'audio', 'hello.wav'), writeWav(new Int16Array(80), 'pcm16'))
    await writeFile(join(folder, 'audio', 'also.wav'), writeWav(new Int16Array(80), 'pcm16'))
    await writeFile(join(folder, 'bye.WAV'), writeWav(new Int16Array(160), 'pcm16'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const put = async (name: string, ...steps: string[]): Promise<string> => {
    await writeFile(join(folder, name), `version: 1\nscenario: x\nsteps:\n${steps.map((s) => `  - ${s}\n`).join('')}`)
    return join(folder, name)
  }

  it('reads the sounds that are said and asked for by the names the file has, a path too, and tells the line of each step', async () => {
    const path = await put(
      'a.yaml',
      'say: hello',
      'mail: { to: "1", says: bye.WAV }',
      `say: ${join(folder, 'bye.WAV')}`,
      'say: { sound: hello, for: 5ms }',
      'mail: { to: "1", begins: also }',
    )
    const { sounds, lines } = await loadScenario(path)
    expect([...sounds].map(([name, pcm]) => [name, pcm.length])).to.deep.equal([
      ['hello', 80],
      ['bye.WAV', 160],
      [join(folder, 'bye.WAV'), 160],
      ['also', 80],
    ])
    expect(lines).to.deep.equal([4, 5, 6, 7, 8])
  })

  it('says which sound is missing, and which line is wrong', async () => {
    const missing = await thrownBy(loadScenario(await put('a.yaml', 'say: nobody')))
    expect(missing).to.have.property('code', 'file-unreadable')
    expect(missing)
      .to.have.property('message')
      .that.matches(/audio\/nobody\.wav cannot be read/)
    const path = await put('b.yaml', 'tone', 'frob')
    const wrong = await thrownBy(loadScenario(path))
    expect(wrong).to.have.property('message').that.includes(`${path}:5:5: steps.1: expected a step`)
  })

  it('finds files and the files of folders, each once, and nothing else', async () => {
    for (const name of ['b.yaml', 'a.yml', 'notes.txt']) await put(name, 'tone')
    const found = await findScenarios([folder, join(folder, 'b.yaml')])
    expect(found).to.deep.equal([join(folder, 'a.yml'), join(folder, 'b.yaml')])
  })

  it('says what to do when there is none', async () => {
    for (const path of [join(folder, 'audio'), join(folder, 'none')]) {
      const thrown = await thrownBy(findScenarios([path]))
      expect(thrown).to.have.property('code', 'file-unreadable')
      expect(thrown)
        .to.have.property('next')
        .that.matches(/scenario/i)
    }
  })
})
