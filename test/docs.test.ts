import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { checkText } from '../src/lab/document.ts'
import { labSchema } from '../src/lab/schema.ts'
import { scenarioSchema, verbs } from '../src/scenario/schema.ts'
import { typed } from './cli/terminal.ts'

const pages = [
  'README.md',
  ...readdirSync('docs')
    .filter((f) => f.endsWith('.md'))
    .map((f) => join('docs', f)),
]
const textOf = (page: string): string => readFileSync(page, 'utf8')

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

/** The fenced blocks of a page whose first line is that word, or that word and more. */
const blocks = (page: string, kind: string): readonly string[] =>
  [...textOf(page).matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].flatMap(([, info, text = '']) =>
    info === kind ? [text] : [],
  )

/** What the rows of a page's tables with three columns are about. */
const rowsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$/gm)].map(([, name = '']) => name)

/** Each command of a page's shell blocks, continued lines joined, comments away. */
const commands = (page: string): readonly string[] =>
  blocks(page, 'sh')
    .flatMap((text) => text.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/(?:^|\s)#\s.*$/, '').trim())

const helps = new Map<string, ReturnType<typeof typed>>()

/** What `postern <command> --help` prints; asked once a command. */
async function helpOf(command: string): Promise<string> {
  const asked = helps.get(command) ?? typed(...(command === '' ? [] : [command]), '--help')
  helps.set(command, asked)
  const { code, out, err } = await asked
  expect(code, err).to.equal(0)
  return out
}

/** What stands as an option in a command or in a page. */
const optionsIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?<=[\s`]|^)--?[a-z][\w-]*/g)].map(([option]) => option)

/** The options that a command has, after its help. */
const optionsOf = async (command: string): Promise<readonly string[]> =>
  [...(await helpOf(command)).matchAll(/^ {2,}(?:(-\w), +)?(--[\w-]+) /gm)].flatMap(([, short, long]) =>
    [short, long].filter((option) => option !== undefined),
  )

/** `-vv` is `-v` twice. */
const plain = (option: string): string => option.replace(/^-([a-z])\1+$/, '-$1')

describe('the documentation', () => {
  for (const page of pages) {
    for (const line of commands(page).filter((l) => /^(?:npx )?postern\b/.test(l))) {
      it(`${page}: ${line}`, async () => {
        const [, command = '', rest = ''] = /postern\s+(\S+)(.*)$/.exec(line) ?? []
        expect(await helpOf(''), command).to.match(new RegExp(`^ {2}postern ${command}\\b`, 'm'))
        expect(await optionsOf(command)).to.include.members(optionsIn(rest).map(plain))
      })
    }

    for (const line of commands(page).filter((l) => /^npm\b/.test(l))) {
      it(`${page}: ${line}`, () => {
        const [, command = '', script = ''] = /^npm\s+(\S+)(?:\s+([\w:-]+))?/.exec(line) ?? []
        if (command === 'ci') return
        expect(manifest.scripts).to.have.property(command === 'run' ? script : command)
      })
    }
  }

  it('lists in docs/cli.md every option that a command has', async () => {
    for (const [, command = '', section = ''] of textOf('docs/cli.md').matchAll(
      /^## `postern (\w+)[^\n]*\n([\s\S]*?)(?=^## )/gm,
    )) {
      const told = [...optionsIn(section), ...optionsIn(textOf('docs/cli.md').split('## Exit codes')[0] ?? '')]
      expect(told, command).to.include.members([...(await optionsOf(command))])
    }
  })

  it('has in docs/scenarios.md a row for every verb and for all that given may set', () => {
    const rows = rowsOf('docs/scenarios.md')
    expect(rows).to.include.members([...Object.keys(verbs), 'hang-up', 'ended'])
    expect(rows).to.include.members(Object.keys(scenarioSchema.shape.given.unwrap().shape))
  })

  it('has in docs/labs.md every field of a lab file', () => {
    const { sbc, voicemail, exchange, control, mailboxes, extensions } = labSchema.shape
    const parts = [labSchema, sbc, voicemail, exchange, control.unwrap(), mailboxes.element, extensions.element]
    const told = [...textOf('docs/labs.md').matchAll(/`([^`\n]+)`/g)].flatMap(([, name = '']) => name.split('.'))
    for (const part of parts) expect(told).to.include.members(Object.keys(part.shape))
  })

  for (const page of pages) {
    for (const [i, text] of blocks(page, 'yaml')
      .filter((b) => /^version: 1$/m.test(b))
      .entries()) {
      it(`${page}: its file ${i + 1} passes the schema`, () => {
        const schema = /^scenario:/m.test(text) ? scenarioSchema : labSchema
        expect(() => checkText(text, page, schema)).not.to.throw()
      })
    }
  }

  it('shows the errors of a faulty scenario as they are', () => {
    const [faulty = ''] = blocks('docs/scenarios.md', 'yaml faulty')
    const told = /^postern: ([\s\S]*?)\n {2}/m.exec(textOf('docs/scenarios.md'))?.[1]
    expect(() => checkText(faulty, 'faulty.yaml', scenarioSchema))
      .to.throw()
      .with.property('message', told)
  })

  it('has in the README a scenario that is shipped', () => {
    const shipped = readdirSync('scenarios')
      .filter((f) => f.endsWith('.yaml'))
      .map((f) => textOf(join('scenarios', f)))
    const shown = blocks('README.md', 'yaml')
    expect(shown).not.to.deep.equal([])
    expect(shipped).to.include.members([...shown])
  })

  it('names in docs/dependencies.md every package of package.json', () => {
    const { dependencies, devDependencies } = manifest
    expect(rowsOf('docs/dependencies.md')).to.have.members([
      ...Object.keys(dependencies),
      ...Object.keys(devDependencies),
    ])
  })

  for (const page of [...pages, 'ARCHITECTURE.md', 'certs/README.md']) {
    it(`${page} links to what is there`, () => {
      for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? page : join(dirname(page), path)
        expect(existsSync(file), `${target} in ${page}`).to.equal(true)
        if (anchor !== undefined) expect(anchorsOf(file), `${target} in ${page}`).to.include(anchor)
      }
    })
  }
})

/** Anchors as they are made of headings: lower case, no punctuation, hyphens for blanks. */
const anchorsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
