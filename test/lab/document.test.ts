import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { z } from 'zod'
import { PosternError } from '../../src/kernel/errors.ts'
import { checkText, readChecked, type Environment } from '../../src/lab/document.ts'

const schema = z.strictObject({
  name: z.string(),
  kind: z.enum(['one', 'two']).optional(),
  ports: z.array(z.int().min(1).max(9)).min(1).optional(),
  inner: z.strictObject({ when: z.iso.datetime({ offset: true }).optional(), on: z.boolean().optional() }).optional(),
  any: z.record(z.string(), z.string()).optional(),
})

function faults(text: string, environment: Environment = {}): string[] {
  try {
    checkText(text, 'lab.yaml', schema, environment)
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(PosternError).with.property('code', 'file-invalid')
    if (thrown instanceof PosternError) {
      expect(thrown.detail['faults']).to.deep.equal(thrown.message.split('\n'))
      return thrown.message.split('\n')
    }
  }
  throw new Error('the text was taken')
}

describe('a file that is no YAML', () => {
  for (const [what, text, fault] of [
    [
      'a list that does not end',
      'name: [',
      'lab.yaml:1:8: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a key that stands twice', 'name: a\nname: b', 'lab.yaml:2:1: not YAML: Map keys must be unique'],
    [
      'an alias without an anchor',
      'name: *a',
      'lab.yaml:1:1: not YAML: Unresolved alias (the anchor must be set before the alias): a',
    ],
  ] as const) {
    it(`names the place of ${what}`, () => expect(faults(text)).to.deep.equal([fault]))
  }

  it('refuses a bomb of aliases', () => {
    const level = (n: number): string => `l${n}: &l${n} [${Array.from({ length: 9 }, () => `*l${n - 1}`).join(', ')}]`
    const bomb = ['l0: &l0 [x]', ...[1, 2, 3, 4, 5].map(level)].join('\n')
    expect(faults(bomb)[0]).to.match(/^lab\.yaml:1:1: not YAML: Excessive alias count/)
  })
})

describe('a file that breaks its schema', () => {
  for (const [text, ...expected] of [
    ['', 'lab.yaml:1:1: expected a map, found nothing'],
    ['- a', 'lab.yaml:1:1: expected a map, found a list'],
    ['kind: one', 'lab.yaml:1:1: name: missing, expected a text'],
    ['name: 5', 'lab.yaml:1:7: name: expected a text, found 5'],
    ['name: a\nkind: three', 'lab.yaml:2:7: kind: expected one of one, two, found "three"'],
    ['name: a\nnaem: b', 'lab.yaml:2:1: "naem" is not known here'],
    ['name: a\nports: []', 'lab.yaml:2:8: ports: expected at least 1 of them'],
    [
      'name: a\nports: [1, 2.5, x]',
      'lab.yaml:2:12: ports.1: expected a whole number, found 2.5',
      'lab.yaml:2:17: ports.2: expected a number, found "x"',
    ],
    [
      'name: a\nports:\n  - 0\n  - 10\n',
      'lab.yaml:3:5: ports.0: expected 1 or more, found 0',
      'lab.yaml:4:5: ports.1: expected 9 or less, found 10',
    ],
    [
      'name: a\ninner:\n  when: monday\n  on: yes',
      'lab.yaml:3:9: inner.when: expected a date and time with an offset, as in 2026-08-03T08:00:00+02:00',
      'lab.yaml:4:7: inner.on: expected true or false, found "yes"',
    ],
    ['name: a\nany: { b: [1] }', 'lab.yaml:2:11: any.b: expected a text, found a list'],
    ['name: a\r\nkind: x\r\n', 'lab.yaml:2:7: kind: expected one of one, two, found "x"'],
  ] as const) {
    it(`says of ${JSON.stringify(text)}: ${expected.join(', ')}`, () => expect(faults(text)).to.deep.equal(expected))
  }

  it('names every fault, in the order of the file', () => {
    const places = faults('zzz: 1\nkind: x\nname: 5\n').map((fault) => fault.split(' ')[0])
    expect(places).to.deep.equal(['lab.yaml:1:1:', 'lab.yaml:2:7:', 'lab.yaml:3:7:'])
  })
})

describe('the environment in a file', () => {
  const read = (name: string, environment: Environment): string =>
    checkText(`name: "${name}"`, 'lab.yaml', schema, environment).value.name

  it('takes the place of ${NAME}, of ${NAME:-default} too, also in the middle of a text', () => {
    expect(read('a ${HOST} b ${PORT:-5060}', { HOST: 'x', PORT: '1' })).to.equal('a x b 1')
  })

  it('leaves the default where nothing or an empty text is set, as a shell does', () => {
    expect([read('${A:-b}', {}), read('${A:-b}', { A: '' }), read('${A:-}', {})]).to.deep.equal(['b', 'b', ''])
  })

  it('may be empty where no default is given', () => expect(read('<${A}>', { A: '' })).to.equal('<>'))

  it('is taken once: what it says is not looked into again', () => {
    expect(read('${A:-x}', { A: '${B}', B: 'secret' })).to.equal('${B}')
  })

  it('says where a name stands that is not set and has no default', () => {
    const text = 'name: a\nany:\n  b: x\n  c: http://${NOPE}/'
    expect(faults(text)).to.deep.equal(['lab.yaml:4:6: NOPE is not set and has no default'])
    expect(faults('name: ${constructor}')).to.deep.equal(['lab.yaml:1:7: constructor is not set and has no default'])
  })
})

describe('a file that is read', () => {
  it('tells the line of each value, and of the nearest one above for a path that is not there', () => {
    const { lineOf } = checkText('name: a\nports:\n  - 1\n  - 2\n', 'lab.yaml', schema)
    expect([lineOf(['name']), lineOf(['ports', 1]), lineOf(['ports', 7]), lineOf(['inner'])]).to.deep.equal([
      1, 4, 3, 1,
    ])
  })

  it('comes from the disk, and says so when it does not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-'))
    try {
      const file = join(folder, 'lab.yaml')
      await writeFile(file, 'name: ${A}')
      expect((await readChecked(file, schema, { A: 'b' })).value).to.deep.equal({ name: 'b' })
      const thrown: unknown = await readChecked(join(folder, 'none.yaml'), schema).catch((error: unknown) => error)
      expect(thrown).to.be.instanceOf(PosternError).with.property('code', 'file-unreadable')
      expect(thrown)
        .to.have.property('message')
        .that.matches(/none\.yaml cannot be read: ENOENT/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
