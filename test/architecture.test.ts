import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'

interface Rule {
  /** Our own folders that this one may import. */
  readonly folders: readonly string[]
  /** Folders of which it may import types, and nothing that runs. */
  readonly types?: readonly string[]
  /** Modules from outside that it may import, by exact name. */
  readonly modules: readonly string[]
  /** A pure folder sees time, chance and the outside only through what it is handed. */
  readonly pure?: true
}

const protocols = ['sip', 'sdp', 'media', 'mail', 'ews', 'pki']
const services = ['pbx', 'sbc', 'voicemail', 'exchange']
const role: Rule = { folders: ['kernel', ...protocols, 'call'], modules: [], pure: true }
const belowLab = ['kernel', ...protocols, 'call', ...services, 'net', 'store']

/** One row a folder of src, lowest first: arrows point up this table, never down. */
const rules: Record<string, Rule> = {
  kernel: { folders: [], modules: ['node:crypto'] },
  sip: { folders: ['kernel'], modules: ['node:crypto'], pure: true },
  sdp: { folders: ['kernel'], modules: ['sdp-transform'], pure: true },
  media: { folders: ['kernel'], modules: ['node:crypto'], pure: true },
  mail: {
    folders: ['kernel'],
    modules: ['nodemailer/lib/mail-composer/index.js', 'mailparser', 'node:crypto'],
    pure: true,
  },
  ews: { folders: ['kernel'], modules: ['fast-xml-parser', 'jose', 'node:crypto'], pure: true },
  pki: { folders: ['kernel'], modules: ['node-forge', 'node:crypto'], pure: true },
  call: { folders: ['kernel', 'sip', 'sdp', 'media'], modules: [], pure: true },
  pbx: role,
  sbc: role,
  voicemail: role,
  exchange: role,
  net: {
    folders: ['kernel', 'pki', 'media'],
    modules: [
      'node:crypto',
      'node:dgram',
      'node:dns/promises',
      'node:events',
      'node:http',
      'node:https',
      'node:net',
      'node:stream',
      'node:tls',
      'node:util',
      'node:worker_threads',
      'nodemailer/lib/smtp-connection/index.js',
      'smtp-server',
    ],
  },
  store: { folders: ['kernel'], modules: ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path'] },
  lab: {
    folders: belowLab,
    modules: [
      'node:async_hooks',
      'node:crypto',
      'node:fs/promises',
      'node:module',
      'node:net',
      'node:path',
      'node:timers',
      'node:timers/promises',
      'node:url',
      'node:util',
      'node:v8',
      'node:worker_threads',
      'yaml',
      'zod',
    ],
  },
  scenario: {
    folders: [...belowLab, 'lab'],
    modules: ['node:fs/promises', 'node:path', 'node:worker_threads', 'yaml', 'zod'],
  },
  report: {
    folders: ['kernel'],
    types: ['sip', 'media', 'lab', 'scenario'],
    modules: ['node:fs/promises', 'node:path', 'winston'],
  },
  cli: {
    folders: [...belowLab, 'lab', 'scenario', 'report'],
    modules: [
      'node:fs',
      'node:fs/promises',
      'node:os',
      'node:path',
      'node:process',
      'node:url',
      'yargs',
      'yargs/helpers',
    ],
  },
}

const imports =
  /^(?:import|export)\s[^'"]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/gm
const typeImports = /^import type [^'"]*['"][^'"]+['"]/gm
const dynamic = /\bimport\s*\(|\brequire\s*\(/
const ambient =
  /\b(?:Date\.now|new Date\b(?!\()|new Date\(\s*\)|performance\.|set(?:Timeout|Interval|Immediate)\b|Math\.random|process\.|fetch\(|globalThis|crypto\.(?:random|getRandom|subtle))|\brandom(?:Bytes|UUID|Int|FillSync)\b/

const files = (folder: string): string[] =>
  readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('src', folder, file))

function targets(path: string, text: string): { ours: string[]; outside: string[] } {
  const all = [...text.matchAll(imports)].map(([, from, bare, called]) => from ?? bare ?? called ?? '')
  const top = (target: string): string => normalize(join(dirname(path), target)).split('/')[1] ?? ''
  return { ours: all.filter((t) => t.startsWith('.')).map(top), outside: all.filter((t) => !t.startsWith('.')) }
}

describe('architecture', () => {
  for (const [folder, rule] of Object.entries(rules)) {
    const what = [...rule.folders, ...rule.modules].join(', ') || 'nothing'
    it(`${folder} imports ${what}${rule.pure ? ' and is pure' : ''}`, () => {
      for (const path of files(folder)) {
        const text = readFileSync(path, 'utf8')
        const running = rule.types === undefined ? text : text.replace(typeImports, '')
        for (const top of targets(path, running).ours)
          expect([folder, ...rule.folders], `${path} imports ${top}`).to.include(top)
        for (const top of targets(path, text).ours) {
          expect([folder, ...rule.folders, ...(rule.types ?? [])], `${path} imports ${top}`).to.include(top)
        }
        for (const name of targets(path, text).outside) expect(rule.modules, `${path} imports ${name}`).to.include(name)
        if (rule.pure) expect(text, path).not.to.match(ambient).and.not.to.match(dynamic)
      }
    })
  }

  it('has a rule for every folder', () => {
    const folders = readdirSync('src', { withFileTypes: true })
      .filter((e) => e.isDirectory())
      .map((e) => e.name)
    expect(Object.keys(rules)).to.have.members(folders)
  })

  it('has no file past 500 lines', () => {
    for (const path of [...Object.keys(rules).flatMap(files)]) {
      expect(readFileSync(path, 'utf8').split('\n').length, path).to.be.at.most(501)
    }
  })

  it('leaves out of coverage only what has nothing that runs', () => {
    const { c8 } = JSON.parse(readFileSync('package.json', 'utf8')) as { c8: { exclude: string[] } }
    const running =
      /^(?:export )?(?:default )?(?:async )?(?:const|function|class|abstract|let|enum)\b|^(?:await )?[\w.]+\(|^export \{/m
    for (const path of c8.exclude) {
      const code = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
      expect(code, path).not.to.match(running)
    }
  })
})
